/** What a member signs at a till, and the text that the QR code holds. The layout is that of symbolon/codes.py. */

import { type Address, concatHex, type Hex, keccak256, numberToHex, sliceHex, stringToHex, toBytes } from 'viem'
import type { Chain } from './chain'
import type { Member } from './config'
import { redemptionTypes } from './contracts'
import { signSpend, type Witness } from './signing'

const PREFIX = 'SYMBOLON:'
const FORMAT = 1
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** What a member wishes: units of an offer, or shop credit for a purchase. */
export type Wish = {
  token: Address
  tokenName: string
  till: Address
  version: number
  amount: bigint
} & ({ kind: 'offer'; offerId: Hex; quantity: number } | { kind: 'par'; orderRef: Hex })

/** A code that can be shown: its text, and what its receipt will be found by. */
export interface Code {
  text: string
  nonce: Hex
  desk: Address
  /** When it runs out, by this machine's clock, in milliseconds. */
  until: number
}

/** Sign a wish. Throws Trouble. */
export async function signed(chain: Chain, member: Member, wish: Wish): Promise<Code> {
  const desk = await chain.desk(wish.token)
  const token = { address: wish.token, name: wish.tokenName }
  const taken = { spender: desk, amount: wish.amount }
  const { chainId, spend, signature, until } = await signSpend(chain, member, token, taken, witness(wish))
  const body = concatHex([
    numberToHex(FORMAT, { size: 1 }),
    numberToHex(wish.kind === 'offer' ? 1 : 2, { size: 1 }),
    numberToHex(chainId, { size: 8 }),
    wish.token,
    member.address,
    wish.till,
    wish.kind === 'offer' ? wish.offerId : wish.orderRef,
    numberToHex(wish.kind === 'offer' ? wish.quantity : 0, { size: 4 }),
    numberToHex(wish.version, { size: 4 }),
    numberToHex(wish.amount, { size: 12 }),
    spend.nonce,
    numberToHex(spend.deadline, { size: 5 }),
    signature,
  ])
  const text = PREFIX + base32(concatHex([body, sliceHex(keccak256(body), 0, 4)]))
  return { text, nonce: spend.nonce, desk, until }
}

function witness(wish: Wish): Witness {
  const shared = { version: BigInt(wish.version), till: wish.till }
  return wish.kind === 'offer'
    ? {
        type: 'OfferRedemption',
        fields: redemptionTypes.OfferRedemption,
        value: { ...shared, offerId: wish.offerId, quantity: BigInt(wish.quantity) },
      }
    : { type: 'ParRedemption', fields: redemptionTypes.ParRedemption, value: { ...shared, orderRef: wish.orderRef } }
}

/** The 32 bytes of an order's reference that somebody typed, or undefined if it does not fit. */
export function reference(text: string): Hex | undefined {
  const trimmed = text.trim()
  const size = new TextEncoder().encode(trimmed).length
  return size >= 1 && size <= 32 ? stringToHex(trimmed, { size: 32 }) : undefined
}

/** RFC 4648 base32 without padding. */
function base32(hex: Hex): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of toBytes(hex)) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text
}
