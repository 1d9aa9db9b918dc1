/** Where a brand stands with others: what members can swap, what it owes them and what they owe it. */

import type { BrandPool, Side } from './chain'
import { brandName, Fact, Notice } from './ui'
import { amount, count, moment, money, percent } from './words'

const NAMED = 3
const NO_CAP = 2n ** 96n - 1n

export function Pools({ pools, token, now }: { pools: readonly BrandPool[]; token: string; now: number }) {
  if (pools.length === 0) return null
  return (
    <section class="panel" aria-labelledby="pools">
      <h2 id="pools">Swaps with other brands</h2>
      {pools.map((each) => (
        <Standing key={each.pool.pool} standing={each} token={token} now={now} />
      ))}
    </section>
  )
}

function Standing({ standing, token, now }: { standing: BrandPool; token: string; now: number }) {
  const { pool, membership, account, settlements } = standing
  const own = pool.sides.find((side) => side.token.toLowerCase() === token.toLowerCase())
  const others = pool.sides.filter((side) => side !== own)
  const value = (units: bigint) => money(units, pool.currencyDecimals, pool.currencySymbol)
  return (
    <article class="standing-in" data-pool={pool.pool}>
      <h3>{names(others)}</h3>
      {own ? (
        <>
          {(own.position.stopped || own.position.suspended) && (
            <Notice kind="plain">This brand has stopped swaps of its points for now.</Notice>
          )}
          <p data-net>{net(standing, value)}</p>
        </>
      ) : (
        <p data-net>It is not in there any more.</p>
      )}
      {settlements.map(({ period, settlement, debt, claim, ready }) => (
        <p key={period} data-settlement={period}>
          {debt.unpaid > 0n &&
            (now < settlement.dueAt
              ? `It owes the others ${value(debt.unpaid)}, to be paid by ${moment(settlement.dueAt)}.`
              : `It owes the others ${value(debt.unpaid)} since ${moment(settlement.dueAt)}: anybody can have that paid from what it laid down.`)}
          {debt.unpaid === 0n &&
            `The others owe it ${value(claim.value - claim.taken)}, ${dueWhen(settlement.dueAt, now)}; ${value(ready)} of that has come in.`}
        </p>
      ))}
      {membership.boundsChangeAt > 0 && (
        <Notice kind="plain">
          {`From ${moment(membership.boundsChangeAt)} other limits can apply`}
          {own && `: at most ${points(own, membership.pendingBounds.limit)} are taken, for ${fees(membership.pendingBounds)}.`}
        </Notice>
      )}
      <dl>
        {own && (
          <>
            <Fact name="Members can take" value={points(own, own.available)} id="available" />
            <Fact name="Members can bring" value={points(own, own.room)} id="room" />
            <Fact name="Its brand put in" value={points(own, own.position.provided)} id="provided" />
            {membership.bounds.limit < NO_CAP && (
              <Fact name="Limit of what can be brought" value={points(own, membership.bounds.limit)} id="limit" />
            )}
            <Fact name="Of that, at present" value={points(own, own.position.ceiling)} id="ceiling" />
            <Fact name="Bringing them costs" value={fees(membership.bounds)} id="fees" />
          </>
        )}
        <Fact name="Laid down for its debts there" value={value(account.bond)} id="laid-down" />
        <Fact name="Unpaid from before" value={value(account.unpaid)} id="unpaid" />
      </dl>
    </article>
  )
}

/** What closing the running period would come to. */
function net({ pool, debt, credit }: BrandPool, value: (units: bigint) => string): string {
  const until = `The period ends on ${moment(pool.period.closesAt)}, or later.`
  if (debt > 0n) return `Members brought more of its points than they took: it owes the others ${value(debt)} so far. ${until}`
  if (credit > 0n) {
    return `Members took more of its points than they brought: the others owe it ${value(credit)} so far. ${until}`
  }
  return `Nobody owes anybody anything so far. ${until}`
}

function dueWhen(dueAt: number, now: number): string {
  return now < dueAt ? `to be paid by ${moment(dueAt)}` : `due since ${moment(dueAt)}`
}

/** "With Cinema and Books". */
function names(others: readonly Side[]): string {
  if (others.length === 0) return 'With nobody yet'
  const named = others.slice(0, NAMED).map(brandName)
  const rest = others.length - named.length
  const list = rest > 0 ? [...named, count(rest, 'other')] : named
  return `With ${new Intl.ListFormat('en').format(list)}`
}

function fees({ baseFee, feeSlope }: { baseFee: number; feeSlope: number }): string {
  const low = percent(baseFee / 100)
  return feeSlope === 0 ? low : `${low} to ${percent((baseFee + feeSlope) / 100)}`
}

function points(side: Side, units: bigint): string {
  return `${amount(units, side.position.decimals)} ${side.symbol}`
}
