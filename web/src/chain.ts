/** What the page reads: whole screens in one call each. Nothing here writes. */

import {
  BaseError,
  type Address,
  type ContractFunctionReturnType,
  type Hex,
  type PublicClient,
  createPublicClient,
  http,
  HttpRequestError,
  TimeoutError,
  zeroAddress,
} from 'viem'
import { type Config, Trouble } from './config'
import { allianceLensAbi, loyaltyTokenAbi, redemptionsAbi } from './contracts'

/** The one chain on which the demonstration's members can sign: it is never a live one. */
export const LOCAL_CHAIN = 31337

const OFFERS_PER_BRAND = 3n
const OFFERS_PER_PAGE = 100n
const PATIENCE = 5_000 // milliseconds

type Abi = typeof allianceLensAbi
type Read<Name extends 'walletOf' | 'brandPageOf'> = ContractFunctionReturnType<Abi, 'view', Name>

export type BrandPage = Read<'brandPageOf'>
export type TokenView = BrandPage['token']
export type OfferView = BrandPage['offers'][number]
export type WalletLine = { readonly token: TokenView; readonly offers: readonly OfferView[] }

export interface Wallet {
  lines: readonly WalletLine[]
  total: number
}

export interface Receipt {
  amount: bigint
  quantity: number
}

/** Where a brand stands, as IBrandRegistry numbers it. */
export const enum Status {
  Active = 2,
  Suspended = 3,
}

export class Chain {
  private readonly client: PublicClient
  private brandsPerCall = Number.POSITIVE_INFINITY

  constructor(readonly config: Config) {
    this.client = createPublicClient({
      transport: http(config.rpc, { retryCount: 0, timeout: PATIENCE }),
      cacheTime: 0,
    })
  }

  /** A member's whole screen: up to `count` brands, and how many there are. One call, if the node lets it be. */
  async wallet(member: Address, count: number): Promise<Wallet> {
    const lines: WalletLine[] = []
    for (;;) {
      const page = await this.walletPage(member, lines.length, Math.min(this.brandsPerCall, count - lines.length))
      lines.push(...page.lines)
      if (lines.length >= Math.min(count, page.total)) return { lines, total: page.total }
    }
  }

  /** Some of the brands. Nodes limit what a call may cost: what fails is asked for in halves from then on. */
  private async walletPage(member: Address, from: number, count: number): Promise<Wallet> {
    try {
      const [lines, total] = await this.client.readContract({
        address: this.config.lens,
        abi: allianceLensAbi,
        functionName: 'walletOf',
        args: [member, BigInt(from), BigInt(count), OFFERS_PER_BRAND],
        blockTag: 'pending',
      })
      return { lines, total: Number(total) }
    } catch (error) {
      if (isUnreachable(error)) throw new Trouble(sentence(error))
      if (count === 1) {
        this.brandsPerCall = Number.POSITIVE_INFINITY // it was not for the size
        throw new Trouble(sentence(error))
      }
      this.brandsPerCall = Math.ceil(count / 2)
      return this.walletPage(member, from, this.brandsPerCall)
    }
  }

  /** A brand's whole page, as a member sees it, with its latest offers. */
  async brandPage(token: Address, member: Address | undefined): Promise<BrandPage> {
    const read = (from: bigint) =>
      this.asked(
        this.client.readContract({
          address: this.config.lens,
          abi: allianceLensAbi,
          functionName: 'brandPageOf',
          args: [token, member ?? zeroAddress, from, OFFERS_PER_PAGE],
          blockTag: 'pending',
        }),
      )
    const page = await read(0n)
    return page.offerCount > OFFERS_PER_PAGE ? read(page.offerCount - OFFERS_PER_PAGE) : page
  }

  /** Where a token redeems. */
  desk(token: Address): Promise<Address> {
    return this.asked(
      this.client.readContract({ address: token, abi: loyaltyTokenAbi, functionName: 'redemptionDesk' }),
    )
  }

  /** What was redeemed by a signature, if anything. */
  async receipt(desk: Address, token: Address, member: Address, nonce: Hex): Promise<Receipt | undefined> {
    const found = await this.asked(
      this.client.readContract({
        address: desk,
        abi: redemptionsAbi,
        functionName: 'receiptOf',
        args: [token, member, nonce],
      }),
    )
    return found.kind === 0 ? undefined : { amount: found.amount, quantity: found.quantity }
  }

  /** The chain's clock, in seconds. */
  async now(): Promise<number> {
    const block = await this.asked(this.client.getBlock({ blockTag: 'pending' }))
    return Number(block.timestamp)
  }

  /** The number of the chain that answers. */
  chainId(): Promise<number> {
    return this.asked(this.client.getChainId())
  }

  /** Whether the demonstration's members can sign here. */
  get isLocal(): boolean {
    return this.config.chainId === LOCAL_CHAIN
  }

  private async asked<T>(question: Promise<T>): Promise<T> {
    try {
      return await question
    } catch (error) {
      throw new Trouble(sentence(error))
    }
  }
}

function isUnreachable(error: unknown): boolean {
  return (
    error instanceof BaseError &&
    error.walk((each) => each instanceof HttpRequestError || each instanceof TimeoutError) !== null
  )
}

function sentence(error: unknown): string {
  return isUnreachable(error)
    ? 'The shops cannot be reached right now. Your points are safe; this page tries again by itself.'
    : 'The shops gave an answer that makes no sense. If you started things anew with “make up”, reload the page.'
}
