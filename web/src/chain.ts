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
import { allianceLensAbi, loyaltyTokenAbi, ordersAbi, redemptionsAbi } from './contracts'

/** The one chain on which the demonstration's members can sign: it is never a live one. */
export const LOCAL_CHAIN = 31337

const OFFERS_PER_BRAND = 3n
const OFFERS_PER_DESK = 100n
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

/** What a member ordered, and where that stands. */
export interface Order {
  offerId: Hex
  number: number
  quantity: number
  amount: bigint
  compensation: bigint
  stake: bigint
  state: OrderState
  /** Until when, in seconds. */
  deadline: number
}

/** A brand's page, and what the member who looks at it has ordered there. */
export type Shop = BrandPage & { readonly orders: readonly Order[] }

export interface Receipt {
  amount: bigint
  quantity: number
}

/** Where a brand stands, as IBrandRegistry numbers it. */
export const enum Status {
  Active = 2,
  Suspended = 3,
}

/** Where an order stands, as IFulfilment numbers it. */
export const enum OrderState {
  None = 0,
  Open = 1,
  Delivered = 2,
  Disputed = 3,
  Fulfilled = 4,
}

/** A bond's purses, as IBonds numbers them. */
export const enum Purse {
  Settlement = 0,
  Holders = 1,
  Compensation = 2,
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
  brandPage(token: Address, member: Address | undefined): Promise<BrandPage> {
    return this.asked(
      this.client.readContract({
        address: this.config.lens,
        abi: allianceLensAbi,
        functionName: 'brandPageOf',
        args: [token, member ?? zeroAddress, 0n, OFFERS_PER_DESK],
        blockTag: 'pending',
      }),
    )
  }

  /** What a member ordered at a brand and what has not ended, the latest first. */
  async orders(token: Address, member: Address): Promise<Order[]> {
    const opened = await this.asked(
      this.client.getContractEvents({
        address: this.config.orders,
        abi: ordersAbi,
        eventName: 'OrderOpened',
        args: { token, member },
        fromBlock: BigInt(this.config.startBlock),
        strict: true,
      }),
    )
    if (opened.length === 0) return []
    const stands = await this.asked(
      this.client.readContract({
        address: this.config.lens,
        abi: allianceLensAbi,
        functionName: 'ordersOf',
        args: [token, opened.map(({ args }) => ({ offerId: args.offerId, number: BigInt(args.number) }))],
        blockTag: 'pending',
      }),
    )
    return opened
      .map(({ args }, index) => ({ ...args, ...(stands[index] ?? { state: OrderState.None, deadline: 0 }) }))
      .filter(({ state }) => state !== OrderState.None && state !== OrderState.Fulfilled)
      .reverse()
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
