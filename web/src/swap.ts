/**
 * What a swap gives and takes, to the unit: the integers of the contracts' SwapMath. Everything is a pure function
 * of what one read of the chain tells.
 */

/** What prices and bounds one token of a pool, as PoolsLens tells it. Amounts are in base units. */
export interface Tradable {
  position: {
    parValue: bigint
    ceiling: bigint
    decimals: number
    baseFee: number
    feeSlope: number
    net: bigint
  }
  /** How much may be brought now. */
  room: bigint
  /** How much can be taken now. */
  available: bigint
}

/** What a member is told, and what is signed for it. Worth is in currency base units times `WORTH`. */
export interface Deal {
  /** What is taken now. */
  gives: bigint
  /** What comes for it now. */
  gets: bigint
  /** Whether exactly `gets` comes, for at most `most`; otherwise `most` is taken, for at least `least`. */
  exactOut: boolean
  most: bigint
  least: bigint
  /** What is given at par. */
  worth: bigint
  /** How much of that is the fee. */
  fee: bigint
  /** How much of that is lost because tokens have a smallest unit. */
  dust: bigint
}

export const WORTH = 10n ** 18n
const MILLION = 10n ** 6n

/** One part in so many may a deal get worse until it is made. */
const TOLERANCE = 200n

/** What would be got for an amount, or undefined if the pool refuses it. */
export function quoteOut(from: Tradable, to: Tradable, amountIn: bigint): bigint | undefined {
  if (amountIn <= 0n || amountIn > from.room) return undefined
  const amountOut = worthIn(from, amountIn) / unitWorth(to)
  return amountOut === 0n || amountOut > to.available ? undefined : amountOut
}

/** The least that an amount would cost, or undefined if the pool refuses it. */
export function quoteIn(from: Tradable, to: Tradable, amountOut: bigint): bigint | undefined {
  if (amountOut <= 0n || amountOut > to.available) return undefined
  const worth = amountOut * unitWorth(to)
  let [low, high] = [0n, from.room + 1n]
  while (low < high) {
    const middle = (low + high) / 2n
    if (worthIn(from, middle) >= worth) high = middle
    else low = middle + 1n
  }
  return low > from.room ? undefined : low
}

/**
 * The deal for up to `offered`, or undefined if the pool refuses it.
 *
 * Where less buys the same, because what comes is not so finely divided, just that much is taken, and the rest is
 * what the price may get worse by. Otherwise what comes may get less, by as much.
 */
export function dealFor(from: Tradable, to: Tradable, offered: bigint): Deal | undefined {
  const gets = quoteOut(from, to, offered)
  const cost = gets && quoteIn(from, to, gets)
  if (!gets || !cost) return undefined
  const exactOut = (offered - cost) * TOLERANCE >= cost
  const gives = exactOut ? cost : offered
  const worth = gives * unitWorth(from)
  const kept = worthIn(from, gives)
  return {
    gives,
    gets,
    exactOut,
    most: offered,
    least: exactOut ? gets : gets - gets / TOLERANCE,
    worth,
    fee: worth - kept,
    dust: kept - gets * unitWorth(to),
  }
}

/** The worth of a token's base unit. */
export function unitWorth({ position }: Tradable): bigint {
  return position.parValue * 10n ** BigInt(18 - position.decimals)
}

/** What an amount is worth, less the fee for taking it in after what was taken in before. */
function worthIn(from: Tradable, amount: bigint): bigint {
  const { ceiling, baseFee, feeSlope, net } = from.position
  const [start, end] = [positive(net), positive(net + amount)]
  let fee = amount * BigInt(baseFee)
  if (end !== start && feeSlope !== 0) {
    fee += divUp((end - start) * (end + start) * BigInt(feeSlope), 2n * ceiling)
  }
  const unit = unitWorth(from)
  return amount * unit - divUp(fee * unit, MILLION)
}

function positive(number: bigint): bigint {
  return number > 0n ? number : 0n
}

/** A quotient, rounded up. */
export function divUp(number: bigint, divisor: bigint): bigint {
  return (number + divisor - 1n) / divisor
}
