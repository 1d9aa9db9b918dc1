/** What members sign: that a contract may take so much of a token, once, in exchange for something. */

import { type Address, bytesToHex, type Hex, type TypedDataParameter } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type Chain, LOCAL_CHAIN } from './chain'
import { type Member, Trouble } from './config'
import { linkTypes, spendFields } from './contracts'

/** How long a signature is good, in seconds. */
export const PATIENCE = 300

/** What the member gets in exchange: a struct of the contract that takes. */
export interface Witness {
  type: string
  fields: readonly TypedDataParameter[]
  value: Record<string, unknown>
}

export interface Spend {
  from: Address
  spender: Address
  amount: bigint
  nonce: Hex
  deadline: bigint
}

export interface Signed {
  chainId: number
  spend: Spend
  signature: Hex
  /** When it runs out, by this machine's clock, in milliseconds. */
  until: number
}

/** Who claims what a one-time link credits, as IEarnDistributor has it. */
export interface LinkClaim {
  to: Address
  deadline: bigint
  signature: Hex
}

/** Whom a link's key is credited as. Throws Trouble where it is no key. */
export function linkAccount(key: Hex): Address {
  try {
    return privateKeyToAccount(key).address
  } catch {
    throw new Trouble('This link is damaged: open it as it was sent to you.')
  }
}

/** Name with a link's key who claims, on the local demonstration alone. Throws Trouble. */
export async function signLink(
  chain: Chain,
  key: Hex,
  what: { token: Address; period: number; index: number },
  to: Address,
): Promise<LinkClaim> {
  const chainId = await demonstration(chain)
  const deadline = BigInt((await chain.now()) + PATIENCE)
  const { token, period, index } = what
  const signature = await privateKeyToAccount(key).signTypedData({
    domain: { name: 'EarnDistributor', version: '1', chainId, verifyingContract: chain.config.earnings },
    types: linkTypes,
    primaryType: 'LinkClaim',
    message: { token, period: BigInt(period), index: BigInt(index), to, deadline },
  })
  return { to, deadline, signature }
}

/** The number of the chain, which is the local demonstration's. Throws Trouble for any other. */
async function demonstration(chain: Chain): Promise<number> {
  const chainId = await chain.chainId()
  if (chainId === LOCAL_CHAIN && chain.isLocal) return chainId
  throw new Trouble('This can be signed here on the local demonstration only. Use your own wallet.')
}

/** Sign with the well-known key of a member of the local demonstration, and with no other. Throws Trouble. */
export async function signSpend(
  chain: Chain,
  member: Member,
  token: { address: Address; name: string },
  taken: { spender: Address; amount: bigint },
  witness: Witness,
): Promise<Signed> {
  const chainId = await demonstration(chain)
  const until = Date.now() + PATIENCE * 1000
  const spend: Spend = {
    ...taken,
    from: member.address,
    nonce: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
    deadline: BigInt((await chain.now()) + PATIENCE),
  }
  const signature = await privateKeyToAccount(member.privateKey).signTypedData({
    domain: { name: token.name, version: '1', chainId, verifyingContract: token.address },
    types: { Spend: [...spendFields, { name: 'witness', type: witness.type }], [witness.type]: witness.fields },
    primaryType: 'Spend',
    message: { ...spend, witness: witness.value },
  })
  return { chainId, spend, signature, until }
}
