/** What was earned by root: a shop's proofs, hashed anew up to the root that is on the chain. */

import { type Address, encodeAbiParameters, encodePacked, type Hex, keccak256 } from 'viem'
import { Trouble } from './config'
import { link } from './words'

/** A period's posting, as IEarnDistributor tells it. */
export interface Posting {
  token: Address
  period: number
  root: bigint
  finalAt: number
  claimableUntil: number
  uri: string
}

/** A leaf with its proof, as IEarnDistributor has it. */
export interface Credit {
  period: number
  finalAt: number
  claimableUntil: number
  index: number
  account: Address
  amount: bigint
  proof: readonly bigint[]
}

/** What the leaves of all of a contract's trees are bound to. */
export interface Place {
  chainId: number
  distributor: Address
}

interface Index {
  leaves: number
  shards: string[]
}

interface Shard {
  leaves: [account: string, amount: string, isLink: number][]
  proof: Hex[]
}

/** How many levels of a tree are in a file. */
const DEPTH = 10
const SHARD = 2 ** DEPTH
const SUM_BITS = 96n
const SUM = (1n << SUM_BITS) - 1n
const LINK = 1n << 160n

/** What a posting credits an account, if anything, with its proof. Throws Trouble. */
export async function creditOf(place: Place, posting: Posting, account: Address): Promise<Credit | undefined> {
  const where = link(posting.uri)?.replace(/\/+$/, '')
  if (!where) throw new Trouble('The shop does not say where its proofs are: ask it.')
  const wanted = account.toLowerCase()
  const all = await fetched<Index>(`${where}/earned.json`)
  try {
    const number = all.shards.filter((first) => first.toLowerCase() <= wanted).length - 1
    if (number < 0) return undefined
    const shard = await fetched<Shard>(`${where}/shards/${String(number).padStart(5, '0')}.json`)
    const at = shard.leaves.findIndex(([each]) => each.toLowerCase() === wanted)
    const found = shard.leaves[at]
    if (!found) return undefined
    const listId = listOf(place, posting)
    const leaves = shard.leaves.map(([each, amount, isLink], offset) =>
      leaf(listId, number * SHARD + offset, each, BigInt(amount), isLink !== 0),
    )
    const depth = Math.min(DEPTH, Math.ceil(Math.log2(all.leaves)))
    const proof = [...proofOf(leaves, at, depth), ...shard.proof.map(BigInt)]
    const { period, root, finalAt, claimableUntil } = posting
    const credit = { period, finalAt, claimableUntil, index: number * SHARD + at, account, amount: BigInt(found[1]), proof }
    if (rootOf(leaves[at] ?? 0n, credit.index, proof) === root) return credit
    throw new Error('not what is posted')
  } catch (error) {
    if (error instanceof Trouble) throw error
    throw new Trouble('The shop’s proofs do not lead to what it posted: ask it to publish them anew.')
  }
}

// ---- trees: a node is 20 bytes of a hash and, in 12, the sum of what is below it

function listOf({ chainId, distributor }: Place, { token, period }: Posting): Hex {
  const types = [{ type: 'uint256' }, { type: 'address' }, { type: 'address' }, { type: 'uint32' }] as const
  return keccak256(encodeAbiParameters(types, [BigInt(chainId), distributor, token, period]))
}

function leaf(listId: Hex, index: number, account: string, amount: bigint, isLink: boolean): bigint {
  const key = BigInt(account) | (isLink ? LINK : 0n)
  const packed = encodePacked(['bytes32', 'uint32', 'uint168', 'uint96'], [listId, index, key, amount])
  return node(keccak256(keccak256(packed)), amount)
}

function node(hash: Hex, sum: bigint): bigint {
  return ((BigInt(hash) >> SUM_BITS) << SUM_BITS) | sum
}

function parent(left: bigint, right: bigint): bigint {
  return node(keccak256(encodePacked(['uint256', 'uint256'], [left, right])), (left & SUM) + (right & SUM))
}

/** The nodes beside a leaf's path, from the leaf on; a missing one is zero. */
function proofOf(leaves: readonly bigint[], at: number, depth: number): bigint[] {
  const proof: bigint[] = []
  let level = leaves
  for (let place = at; proof.length < depth; place >>= 1) {
    proof.push(level[place ^ 1] ?? 0n)
    const below = level
    level = Array.from({ length: Math.ceil(below.length / 2) }, (_, each) =>
      parent(below[2 * each] ?? 0n, below[2 * each + 1] ?? 0n),
    )
  }
  return proof
}

function rootOf(leafNode: bigint, index: number, proof: readonly bigint[]): bigint {
  return proof.reduce((root, beside, level) => {
    const isRight = Math.floor(index / 2 ** level) % 2 === 1
    return isRight ? parent(beside, root) : parent(root, beside)
  }, leafNode)
}

async function fetched<File>(address: string): Promise<File> {
  let answer: Response | undefined
  try {
    answer = await fetch(address)
    if (answer.ok) return (await answer.json()) as File
  } catch {
    // told below
  }
  throw new Trouble('The shop’s proofs cannot be read right now. What you earned is safe; try again later.')
}
