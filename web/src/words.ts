/** Numbers, money, times and names, as people read them. Amounts are exact to the last unit. */

import { type Hex, hexToBytes, keccak256, stringToBytes } from 'viem'

const GROUPED = new Intl.NumberFormat('en')
const DATE = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', year: 'numeric' })
const DATE_AND_TIME = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' })

const FOREVER = 2 ** 40 - 1
const DAY = 86_400
const CENTS = 2

/** An amount in base units: "1,200", "2.50", "0.333333"; a fraction has at least two digits if it can. */
export function amount(units: bigint, decimals: number): string {
  return withFraction(units, decimals, 0)
}

/** Money: "$1.20", "$0.3334", "12.00 EUR". */
export function money(units: bigint, decimals: number, symbol: string): string {
  const text = withFraction(units, decimals, CENTS)
  return /USD/i.test(symbol) ? `$${text}` : `${text} ${symbol}`
}

function withFraction(units: bigint, decimals: number, least: number): string {
  const one = 10n ** BigInt(decimals)
  const digits = (units % one).toString().padStart(decimals, '0')
  const kept = decimals === 0 ? '' : digits.replace(/0+$/, '')
  const width = kept === '' ? least : Math.min(CENTS, Math.max(decimals, least))
  const fraction = kept.padEnd(width, '0')
  return GROUPED.format(units / one) + (fraction && `.${fraction}`)
}

/** Base units of an amount that somebody typed, or undefined if it is none that the token can hold. */
export function parseAmount(text: string, decimals: number): bigint | undefined {
  const match = /^([0-9]{1,30})(?:\.([0-9]*))?$|^\.([0-9]+)$/.exec(text.trim())
  const fraction = match?.[2] ?? match?.[3] ?? ''
  if (!match || fraction.replace(/0+$/, '').length > decimals) return undefined
  return BigInt((match[1] ?? '0') + fraction.slice(0, decimals).padEnd(decimals, '0'))
}

/** A day: "5 December 2026"; undefined for one that nobody will see. */
export function day(seconds: number): string | undefined {
  return seconds >= FOREVER ? undefined : DATE.format(seconds * 1000)
}

/** A moment: "December 5, 2026 at 10:14 PM". */
export function moment(seconds: number): string {
  return DATE_AND_TIME.format(seconds * 1000)
}

/** A span: "14 days", "36 hours". */
export function span(seconds: number): string {
  const days = seconds % DAY === 0
  const count = Math.round(seconds / (days ? DAY : 3600))
  return `${GROUPED.format(count)} ${days ? 'day' : 'hour'}${count === 1 ? '' : 's'}`
}

/** How much notice: "14 days’". */
export function notice(seconds: number): string {
  const text = span(seconds)
  return text.endsWith('s') ? `${text}’` : `${text}’s`
}

/** "4:09". */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** A share of ten thousand: "12%", "12.5%". */
export function percent(bps: number | bigint): string {
  return `${Number(bps) / 100}%`
}

/** A count: "1 unit", "2 units". */
export function count(number: number | bigint, one: string, many = `${one}s`): string {
  return `${GROUPED.format(number)} ${BigInt(number) === 1n ? one : many}`
}

/** A name that 32 bytes spell, or undefined. */
export function label(id: Hex): string | undefined {
  const bytes = hexToBytes(id)
  const end = bytes.findIndex((byte) => byte === 0)
  const rest = end < 0 ? [] : [...bytes.slice(end)]
  if (end === 0 || rest.some((byte) => byte !== 0)) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(end < 0 ? bytes : bytes.slice(0, end))
    return /^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(text) ? text : undefined
  } catch {
    return undefined
  }
}

/** What a document says of something: its name, and more about it. */
export interface Description {
  name?: string
  description?: string
}

/** The text of a `data:` address; undefined for any other. */
export function dataText(uri: string): string | undefined {
  const match = /^data:([^,]*),(.*)$/s.exec(uri)
  if (!match) return undefined
  try {
    const body = decodeURIComponent(match[2] ?? '')
    return /;base64$/i.test(match[1] ?? '') ? new TextDecoder().decode(bytesOf(body)) : body
  } catch {
    return undefined
  }
}

/** What the document at a `data:` address says; nothing if it is elsewhere, or not the one of that hash. */
export function describe(uri: string, hash?: Hex): Description {
  const text = dataText(uri)
  if (text === undefined || (hash && keccak256(stringToBytes(text)) !== hash)) return {}
  try {
    const read = JSON.parse(text) as Record<string, unknown>
    const field = (name: string) => (typeof read[name] === 'string' ? { [name]: read[name] } : {})
    return { ...field('name'), ...field('description') }
  } catch {
    return {}
  }
}

/** An address that a person can open, or undefined. */
export function link(uri: string): string | undefined {
  return /^https?:\/\//i.test(uri) ? uri : undefined
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
