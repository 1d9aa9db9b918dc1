/** Small parts that every screen uses. */

import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Hex } from 'viem'
import { Trouble } from './config'
import { describe, money } from './words'

/** The two halves of a broken token. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M15.600 2A14 14 0 0 0 14.600 30l-3-8.200 6-5-5.600-6z" />
      <path d="M19 2.300A14 14 0 0 1 18 29.900l-3-7.600 6-5.200-5.400-6z" />
    </svg>
  )
}

const ICONS = {
  back: 'M15 5l-7 7 7 7',
  forth: 'M9 5l7 7-7 7',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  minus: 'M6 12h12',
  plus: 'M6 12h12M12 6v12',
  shield: 'M12 3.500l7 2.500v5.500c0 4.300-2.900 7.400-7 9-4.100-1.600-7-4.700-7-9V6z',
} as const

export function Icon({ name }: { name: keyof typeof ICONS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={ICONS[name]} />
    </svg>
  )
}

/** A message that is read out when it appears. */
export function Notice({ kind, children }: { kind: 'trouble' | 'plain'; children: ComponentChildren }) {
  return (
    <p class={`notice ${kind}`} role={kind === 'trouble' ? 'alert' : 'status'}>
      {children}
    </p>
  )
}

/** A heading that takes the focus when its screen opens, so that readers and keyboards begin there. */
export function Title({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  )
}

/** What tells brands apart: a token, wherever it was read. */
export interface Branded {
  brandId: Hex
  name: string
  contractURI: string
}

/** A brand's own colour, of one lightness for all, and the first letter of its name. */
export function Monogram({ token }: { token: Branded }) {
  return (
    <span class="monogram" aria-hidden="true">
      {brandName(token).slice(0, 1).toUpperCase()}
    </span>
  )
}

export function brandName(token: Branded): string {
  return describe(token.contractURI).name ?? token.name
}

/** Degrees on the colour wheel, always the same for a brand. */
export function hue(token: Branded): number {
  return Number.parseInt(token.brandId.slice(22, 26), 16) % 360
}

export function worth(token: { currencyDecimals: number; currencySymbol: string }, value: bigint): string {
  return money(value, token.currencyDecimals, token.currencySymbol)
}

/** A small number that is raised and lowered. */
export function Stepper(props: { value: number; most: number; onChange: (value: number) => void }) {
  const { value, most, onChange } = props
  const set = (to: number) => onChange(Math.min(most, Math.max(1, to)))
  return (
    <div class="stepper" role="group" aria-label="How many?">
      <button type="button" aria-label="One less" disabled={value <= 1} onClick={() => set(value - 1)}>
        <Icon name="minus" />
      </button>
      <output aria-live="polite">{value}</output>
      <button type="button" aria-label="One more" disabled={value >= most} onClick={() => set(value + 1)}>
        <Icon name="plus" />
      </button>
    </div>
  )
}

/** One line of a list of facts. */
export function Fact({ name, value, id }: { name: string; value: string; id: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-fact={id}>{value}</dd>
    </div>
  )
}

/** What was read last, and what went wrong since. */
export interface Polled<T> {
  found: T | undefined
  trouble: string | undefined
  again: () => void
}

/** Read something now and then again every few seconds while the page is looked at. */
export function usePolled<T>(read: () => Promise<T>, every: number, dependencies: unknown[]): Polled<T> {
  const [found, setFound] = useState<T>()
  const [trouble, setTrouble] = useState<string>()
  const [attempt, setAttempt] = useState(0)
  useEffect(() => setFound(undefined), dependencies)
  useEffect(() => {
    let over = false
    let timer = 0
    const ask = async () => {
      try {
        const answer = await read()
        if (over) return
        setFound(() => answer)
        setTrouble(undefined)
      } catch (error) {
        if (!over) setTrouble(told(error))
      }
      if (!over) timer = window.setTimeout(wait, every)
    }
    const wait = () => (document.hidden ? void (timer = window.setTimeout(wait, every)) : void ask())
    void ask()
    return () => {
      over = true
      window.clearTimeout(timer)
    }
  }, [...dependencies, attempt])
  return { found, trouble, again: useCallback(() => setAttempt((last) => last + 1), []) }
}

/** What to tell a person about an error. */
export function told(error: unknown): string {
  return error instanceof Trouble ? error.message : 'Something unexpected happened. Reload the page.'
}
