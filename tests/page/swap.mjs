// Works out with the page's own module what its standard input asks, a JSON list of [function, from, to, amount]
// in which whole numbers are texts.

import { readFileSync } from 'node:fs'
import ts from '../../web/node_modules/typescript/lib/typescript.js'

const source = readFileSync(new URL('../../web/src/swap.ts', import.meta.url), 'utf8')
const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
const plain = ts.transpileModule(source, { compilerOptions: options }).outputText
const swap = await import(`data:text/javascript,${encodeURIComponent(plain)}`)

const asked = JSON.parse(readFileSync(0, 'utf8'), (_, value) =>
  typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : value,
)
const answers = asked.map(([name, from, to, amount]) => swap[name](from, to, amount) ?? null)
process.stdout.write(JSON.stringify(answers, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
