/** What the page reads, whole screens in one call each; and the one thing that it sends: what a member signed. */

import {
  BaseError,
  type Address,
  type ContractFunctionReturnType,
  type Hex,
  type PublicClient,
  createPublicClient,
  http,
  HttpRequestError,
  parseEventLogs,
  type Log,
  TimeoutError,
  zeroAddress,
  zeroHash,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { waitForTransactionReceipt, writeContract } from 'viem/actions'
import { type Config, type Member, Trouble } from './config'
import {
  allianceLensAbi,
  bargainDealsAbi,
  cutsAbi,
  earnDistributorAbi,
  groupDealsAbi,
  groupPurchaseEscrowAbi,
  groupsLensAbi,
  loyaltyTokenAbi,
  ordersAbi,
  poolsLensAbi,
  redemptionsAbi,
  swapsAbi,
} from './contracts'
import { type Credit, creditOf, type Posting } from './earned'
import type { LinkClaim, Signed } from './signing'

/** The one chain on which the demonstration's members can sign: it is never a live one. */
export const LOCAL_CHAIN = 31337

const OFFERS_PER_BRAND = 3n
const OFFERS_PER_DESK = 100n
/** How many pools are looked through, the oldest first: anybody can make some. */
const POOLS = 1_000
/** How many of a deal's groups are looked at, the latest first. */
const GROUPS = 50n
/** How many closed periods of a pool are looked back on. */
const PERIODS = 12n
const PATIENCE = 5_000 // milliseconds
const GLANCE = 500 // milliseconds between looks at whether a swap is made

export type BrandPage = ContractFunctionReturnType<typeof allianceLensAbi, 'view', 'brandPageOf'>
export type TokenView = BrandPage['token']
export type OfferView = BrandPage['offers'][number]
export type WalletLine = { readonly token: TokenView; readonly offers: readonly OfferView[] }

/** A pool with its tokens, as a member sees them. */
export type Pool = ContractFunctionReturnType<typeof poolsLensAbi, 'view', 'swapsOf', [Address, bigint, bigint]>[0][number]
/** A token in a pool. */
export type Side = Pool['sides'][number]
/** Where a brand stands in a pool. */
export type BrandPool = ContractFunctionReturnType<typeof poolsLensAbi, 'view', 'positionsOf'>[0][number]

/** A deal with its open groups, as a member sees it. */
export type DealView = ContractFunctionReturnType<typeof groupsLensAbi, 'view', 'dealsOf'>[number]
/** A group as a member sees it. */
export type GroupView = ContractFunctionReturnType<typeof groupsLensAbi, 'view', 'groupsOf'>[number]

/** The facts of a seat, as IGroupPurchaseEscrow has them. */
export interface Seat {
  token: Address
  groupId: Hex
  member: Address
  quantity: number
  deposit: bigint
  compensation: bigint
  arbiter: Address
  referrer: Address
}

/** What is asked for a seat, as IGroupPurchaseEscrow has it. */
export interface SeatRequest {
  groupId: Hex
  quantity: bigint
  topTier: bigint
  member: Address
  referrer: Address
  leastCompensation: bigint
}

/** A deal, one of its groups if one is meant, and what the member has in it. */
export interface Joined {
  deal: DealView
  group: GroupView | undefined
  seat: Seat | undefined
}

/** A bargain whose price friends cut. */
export interface Bargain {
  dealId: Hex
  token: TokenView
  conditions: DealView['conditions']
  termsHash: Hex
  termsURI: string
  rules: ContractFunctionReturnType<typeof cutsAbi, 'view', 'rulesOf'>[0]
  cut: ContractFunctionReturnType<typeof cutsAbi, 'view', 'bargainOf'>
}

/** All that is offered to groups, and the groups that a member is in. */
export interface Together {
  deals: readonly DealView[]
  joined: readonly { deal: DealView; group: GroupView }[]
}

export interface Wallet {
  lines: readonly WalletLine[]
  total: number
}

/** A posting, and what it credits an account. */
export interface Earned {
  posting: Posting
  credit: Credit | undefined
  isClaimed: boolean
}

/** What a member asks of a pool, as ISwaps has it. */
export interface SwapRequest {
  pool: Hex
  tokenOut: Address
  amountOut: bigint
  exactOut: boolean
  to: Address
}

/** What a member ordered, and where that stands. */
export interface Order {
  offerId: Hex
  number: bigint
  quantity: number
  amount: bigint
  compensation: bigint
  stake: bigint
  state: OrderState
  /** Until when, in seconds. */
  deadline: number
}

/** A brand's page, where it stands in pools, what it offers to groups, and what the member has ordered there. */
export type Shop = BrandPage & {
  readonly orders: readonly Order[]
  readonly pools: readonly BrandPool[]
  readonly deals: readonly DealView[]
  readonly earned: readonly Earned[]
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

const NO_PERMIT = { value: 0n, deadline: 0n, v: 0, r: zeroHash, s: zeroHash }

export class Chain {
  private readonly client: PublicClient
  private readonly brands = new Pages()
  private readonly pools = new Pages()
  private readonly standings = new Pages()
  private readonly credits = new Map<string, Promise<Credit | undefined>>()

  constructor(readonly config: Config) {
    this.client = createPublicClient({
      transport: http(config.rpc, { retryCount: 0, timeout: PATIENCE }),
      cacheTime: 0,
    })
  }

  /** A member's whole screen: up to `count` brands, and how many there are. */
  async wallet(member: Address, count: number): Promise<Wallet> {
    return this.brands.read(count, (from, many) =>
      this.client.readContract({
        address: this.config.lens,
        abi: allianceLensAbi,
        functionName: 'walletOf',
        args: [member, from, many, OFFERS_PER_BRAND],
        blockTag: 'pending',
      }),
    )
  }

  /** The pools in which a member holds something: all it takes to know what a swap gives. */
  async swaps(member: Address): Promise<Pool[]> {
    const { lines } = await this.pools.read(POOLS, (from, count) =>
      this.client.readContract({
        address: this.config.poolsLens,
        abi: poolsLensAbi,
        functionName: 'swapsOf',
        args: [member, from, count],
        blockTag: 'pending',
      }),
    )
    return lines
  }

  /** Where a brand stands in pools. */
  async standing(token: Address): Promise<BrandPool[]> {
    const { lines } = await this.standings.read(POOLS, (from, count) =>
      this.client.readContract({
        address: this.config.poolsLens,
        abi: poolsLensAbi,
        functionName: 'positionsOf',
        args: [token, from, count, PERIODS],
        blockTag: 'pending',
      }),
    )
    return lines
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
        args: [token, opened.map(({ args }) => ({ offerId: args.offerId, number: args.number }))],
        blockTag: 'pending',
      }),
    )
    return opened
      .map(({ args }, index) => ({ ...args, ...(stands[index] ?? { state: OrderState.None, deadline: 0 }) }))
      .filter(({ state }) => state !== OrderState.None && state !== OrderState.Fulfilled)
      .reverse()
  }

  /** What is offered to groups, of one brand or all, and the groups that a member is in. */
  async together(member: Address | undefined, token?: Address): Promise<Together> {
    const whose = member ?? zeroAddress
    const [published, taken] = await this.asked(
      Promise.all([
        this.client.getContractEvents({
          address: this.config.groupDeals,
          abi: groupDealsAbi,
          eventName: 'DealPublished',
          args: { token, escrow: this.config.groups },
          fromBlock: BigInt(this.config.startBlock),
          strict: true,
        }),
        member ? this.seatsTaken({ token, member }) : [],
      ]),
    )
    const keys = published.map(({ args }) => ({ token: args.token, id: args.dealId }))
    const seats = new Map(taken.map(({ token: at, groupId: id }) => [at + id, { token: at, id }]))
    const [deals, groups] = await this.asked(Promise.all([this.deals(whose, keys, GROUPS), this.groups(whose, [...seats.values()])]))
    const joined = groups
      .filter(({ seated }) => seated)
      .flatMap((group) => {
        const deal = deals.find(({ key }) => key.token === group.key.token && isUnder(group.key.id, key.id))
        return deal ? [{ deal, group }] : []
      })
    return { deals, joined }
  }

  /** A deal and one of its groups, or the deal alone for its own id; and the member's seat in it. */
  async group(member: Address | undefined, token: Address, groupId: Hex, dealId: Hex): Promise<Joined | undefined> {
    const whose = member ?? zeroAddress
    const key = { token, id: groupId }
    const [[deal], [group], taken] = await this.asked(
      Promise.all([
        this.deals(whose, [{ token, id: dealId }], 0n),
        groupId === dealId ? [] : this.groups(whose, [key]),
        member ? this.seatsTaken({ token, groupId, member }) : [],
      ]),
    )
    return deal && { deal, group, seat: group?.seated ? taken.at(-1) : undefined }
  }

  /** A bargain whose price friends cut. */
  async bargain(token: Address, dealId: Hex, number: bigint): Promise<Bargain> {
    const deal = [token, dealId] as const
    const cuts = { address: this.config.cuts, abi: cutsAbi, blockTag: 'pending' } as const
    const [[conditions, termsHash, termsURI], [rules], cut, { token: view }] = await this.asked(
      Promise.all([
        this.client.readContract({
          address: this.config.bargainDeals,
          abi: bargainDealsAbi,
          functionName: 'conditionsOf',
          args: deal,
          blockTag: 'pending',
        }),
        this.client.readContract({ ...cuts, functionName: 'rulesOf', args: deal }),
        this.client.readContract({ ...cuts, functionName: 'bargainOf', args: [...deal, number] }),
        this.brandPage(token, undefined),
      ]),
    )
    return { dealId, token: view, conditions, termsHash, termsURI, rules, cut }
  }

  /** What a token's postings credit an account, the latest period first; of one period if it is named. */
  async earned(token: Address, account: Address, period?: number): Promise<Earned[]> {
    const posted = await this.postings(token, period)
    return Promise.all(posted.map((posting) => this.earnedOf(posting, account)))
  }

  /** As `earned`, but only what can be claimed now or will be; of shops whose proofs cannot be had, nothing. */
  async toClaim(token: Address, account: Address): Promise<Earned[]> {
    const [posted, now] = await Promise.all([this.postings(token), this.now()])
    const open = posted.filter(({ claimableUntil }) => now < claimableUntil)
    const found = await Promise.allSettled(open.map((posting) => this.earnedOf(posting, account)))
    return found
      .flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
      .filter(({ credit, isClaimed }) => credit && !isClaimed)
  }

  private async postings(token: Address, period?: number): Promise<Posting[]> {
    const posted = await this.asked(
      this.client.getContractEvents({
        address: this.config.earnings,
        abi: earnDistributorAbi,
        eventName: 'EarningsPosted',
        args: { token, period },
        fromBlock: BigInt(this.config.startBlock),
        strict: true,
      }),
    )
    const latest = new Map(posted.map(({ args }) => [args.period, args]))
    return [...latest.values()].sort((a, b) => b.period - a.period)
  }

  private async earnedOf(posting: Posting, account: Address): Promise<Earned> {
    const { chainId, earnings } = this.config
    const key = `${posting.root}/${posting.period}/${account}`
    const asked = this.credits.get(key) ?? creditOf({ chainId, distributor: earnings }, posting, account)
    this.credits.set(key, asked)
    asked.catch(() => this.credits.delete(key)) // the next look asks again
    const credit = await asked
    if (!credit) return { posting, credit, isClaimed: false }
    const isClaimed = await this.asked(
      this.client.readContract({
        address: earnings,
        abi: earnDistributorAbi,
        functionName: 'isClaimed',
        args: [posting.token, posting.period, credit.index],
        blockTag: 'pending',
      }),
    )
    return { posting, credit, isClaimed }
  }

  /**
   * Hand in a claim, which pays the account that is credited, or whom a link's key named. Anybody could; here the
   * local demonstration's member does. Throws Trouble.
   */
  async claim(carrier: Member, token: Address, credit: Credit, named?: LinkClaim): Promise<void> {
    const common = {
      address: this.config.earnings,
      abi: earnDistributorAbi,
      account: privateKeyToAccount(carrier.privateKey),
      chain: null,
    } as const
    await this.handedIn('Nothing was claimed', 'what you earned', () =>
      named
        ? writeContract(this.client, {
            ...common,
            functionName: 'claimByLink',
            args: [token, credit, named.to, named.deadline, named.signature],
          })
        : writeContract(this.client, { ...common, functionName: 'claim', args: [token, credit] }),
    )
  }

  private deals(member: Address, keys: { token: Address; id: Hex }[], count: bigint): Promise<readonly DealView[]> {
    return this.client.readContract({
      address: this.config.groupsLens,
      abi: groupsLensAbi,
      functionName: 'dealsOf',
      args: [member, keys, 0n, count],
      blockTag: 'pending',
    })
  }

  private groups(member: Address, keys: { token: Address; id: Hex }[]): Promise<readonly GroupView[]> {
    return this.client.readContract({
      address: this.config.groupsLens,
      abi: groupsLensAbi,
      functionName: 'groupsOf',
      args: [member, keys],
      blockTag: 'pending',
    })
  }

  private async seatsTaken(args: { token?: Address; groupId?: Hex; member: Address }): Promise<Seat[]> {
    const taken = await this.client.getContractEvents({
      address: this.config.groups,
      abi: groupPurchaseEscrowAbi,
      eventName: 'SeatTaken',
      args,
      fromBlock: BigInt(this.config.startBlock),
      strict: true,
    })
    return taken.map(({ args: facts }) => facts)
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

  /**
   * Hand in a swap that a member signed, and what came of it. Anybody could; here the local demonstration's member
   * does, with the key that signed. Throws Trouble.
   */
  async swap(
    carrier: Member,
    tokenIn: Address,
    request: SwapRequest,
    { spend, signature }: Signed,
  ): Promise<{ amountIn: bigint; amountOut: bigint }> {
    try {
      const hash = await writeContract(this.client, {
        address: spend.spender,
        abi: swapsAbi,
        functionName: 'swapWithSignature',
        args: [tokenIn, request, spend, signature],
        account: privateKeyToAccount(carrier.privateKey),
        chain: null,
      })
      const { logs } = await waitForTransactionReceipt(this.client, { hash, pollingInterval: GLANCE })
      const [swapped] = parseEventLogs({ abi: swapsAbi, eventName: 'Swapped', logs })
      if (swapped) return { amountIn: swapped.args.amountIn, amountOut: swapped.args.amountOut }
    } catch (error) {
      if (isUnreachable(error)) {
        throw new Trouble('The shops cannot be reached right now. Look at your points again before you try once more.')
      }
    }
    throw new Trouble('Nothing was swapped: the numbers have changed meanwhile. Look at them and try again.')
  }

  /**
   * Hand in a seat that a member signed for, and the group that it is in. Anybody could; here the local
   * demonstration's member does, with the key that signed. Throws Trouble.
   */
  async join(carrier: Member, token: Address, request: SeatRequest, { spend, signature }: Signed): Promise<Hex> {
    const logs = await this.handedIn('You did not join', 'the group', () =>
      writeContract(this.client, {
        address: spend.spender,
        abi: groupPurchaseEscrowAbi,
        functionName: 'joinWithSignature',
        args: [token, request, spend, signature, NO_PERMIT],
        account: privateKeyToAccount(carrier.privateKey),
        chain: null,
      }),
    )
    const [seat] = parseEventLogs({ abi: groupPurchaseEscrowAbi, eventName: 'SeatTaken', logs })
    return seat?.args.groupId ?? request.groupId
  }

  /** Hand in that a member leaves a group. Throws Trouble. */
  async leave(carrier: Member, seat: Seat, { spend, signature }: Signed): Promise<void> {
    await this.handedIn('You did not leave', 'the group', () =>
      writeContract(this.client, {
        address: spend.spender,
        abi: groupPurchaseEscrowAbi,
        functionName: 'leaveGroupWithSignature',
        args: [seat, spend, signature],
        account: privateKeyToAccount(carrier.privateKey),
        chain: null,
      }),
    )
  }

  private async handedIn(failed: string, what: string, send: () => Promise<Hex>): Promise<Log[]> {
    try {
      const hash = await send()
      const { status, logs } = await waitForTransactionReceipt(this.client, { hash, pollingInterval: GLANCE })
      if (status === 'success') return logs
    } catch (error) {
      if (isUnreachable(error)) {
        throw new Trouble(`The shops cannot be reached right now. Look at ${what} again before you try once more.`)
      }
    }
    throw new Trouble(`${failed}: ${what} has changed meanwhile. Look at it and try again.`)
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

/** Reads long lists in as few calls as the node lets it: what fails is asked for in halves from then on. */
class Pages {
  private most = Number.POSITIVE_INFINITY

  /** Up to `count` of them, and how many there are. Throws Trouble. */
  async read<Line>(
    count: number,
    page: (from: bigint, count: bigint) => Promise<readonly [readonly Line[], bigint]>,
  ): Promise<{ lines: Line[]; total: number }> {
    const lines: Line[] = []
    let [from, total] = [0, count]
    do {
      const many = Math.min(this.most, count - from)
      try {
        const [found, all] = await page(BigInt(from), BigInt(many))
        lines.push(...found)
        total = Number(all)
        from += many
      } catch (error) {
        if (isUnreachable(error)) throw new Trouble(sentence(error))
        this.most = many === 1 ? Number.POSITIVE_INFINITY : Math.ceil(many / 2)
        if (many === 1) throw new Trouble(sentence(error)) // it was not for the size
      }
    } while (from < Math.min(count, total))
    return { lines, total }
  }
}

/** Whether a group's id is a deal's, with a number at the end. */
function isUnder(groupId: Hex, dealId: Hex): boolean {
  return groupId.slice(0, -8) === dealId.slice(0, -8)
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
