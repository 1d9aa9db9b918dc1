/** What a member signs at a till, and the text that the QR code holds. The layout is that of symbolon/codes.py. */

import {
  type Address,
  bytesToHex,
  concatHex,
  type Hex,
  keccak256,
  numberToHex,
  sliceHex,
  stringToHex,
  toBytes,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type Chain, LOCAL_CHAIN } from './chain'
import { type Member, Trouble } from './config'
import { redemptionTypes, spendFields } from './contracts'

/** How long a signature is good, in seconds. */
export const PATIENCE = 300

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

/** Sign a wish with the well-known key of a member of the local demonstration, and with no other. */
export async function signed(chain: Chain, member: Member, wish: Wish): Promise<Code> {
  const chainId = await chain.chainId()
  if (chainId !== LOCAL_CHAIN || !chain.isLocal) {
    throw new Trouble('Codes can be made here on the local demonstration only. Use your own wallet.')
  }
  const [desk, now] = await Promise.all([chain.desk(wish.token), chain.now()])
  const nonce = bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
  const deadline = now + PATIENCE
  const until = Date.now() + PATIENCE * 1000
  const shared = { version: BigInt(wish.version), till: wish.till }
  const spend = {
    from: member.address,
    spender: desk,
    amount: wish.amount,
    nonce,
    deadline: BigInt(deadline),
  }
  const domain = { name: wish.tokenName, version: '1', chainId, verifyingContract: wish.token }
  const account = privateKeyToAccount(member.privateKey)
  const signature =
    wish.kind === 'offer'
      ? await account.signTypedData({
          domain,
          types: {
            Spend: [...spendFields, { name: 'witness', type: 'OfferRedemption' }],
            OfferRedemption: redemptionTypes.OfferRedemption,
          },
          primaryType: 'Spend',
          message: {
            ...spend,
            witness: { ...shared, offerId: wish.offerId, quantity: BigInt(wish.quantity) },
          },
        })
      : await account.signTypedData({
          domain,
          types: {
            Spend: [...spendFields, { name: 'witness', type: 'ParRedemption' }],
            ParRedemption: redemptionTypes.ParRedemption,
          },
          primaryType: 'Spend',
          message: { ...spend, witness: { ...shared, orderRef: wish.orderRef } },
        })
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
    nonce,
    numberToHex(deadline, { size: 5 }),
    signature,
  ])
  return { text: PREFIX + base32(concatHex([body, sliceHex(keccak256(body), 0, 4)])), nonce, desk, until }
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
