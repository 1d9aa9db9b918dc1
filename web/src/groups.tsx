/** Buying together: what is offered to groups, which are open, and joining, leaving and sharing one. */

import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { type Address, type Hex, zeroAddress } from 'viem'
import type { Chain, DealView, GroupView, Joined, Together } from './chain'
import type { Member } from './config'
import { groupTypes } from './contracts'
import { QrCode } from './qr'
import { PATIENCE, signSpend } from './signing'
import { brandName, hue, Icon, Notice, type Polled, Stepper, Title, told, worth } from './ui'
import { amount, count, describe, label, moment, span } from './words'

/** Where a group stands, as IGroupDeals numbers it. */
const enum Status {
  None = 0,
  Open = 1,
  Succeeded = 2,
  Failed = 3,
}

const HOUR = 3_600

// ---- all of them

export function GroupsScreen({ together, now }: { together: Polled<Together>; now: number }) {
  const { found, trouble } = together
  return (
    <>
      <Back />
      <section class="summary">
        <Title>Buy together</Title>
        <p class="quiet">The more of you order, the less it costs everybody.</p>
      </section>
      {trouble && <Notice kind="trouble">{trouble}</Notice>}
      {!found && !trouble && <p class="center quiet">One moment…</p>}
      {found && found.joined.length > 0 && (
        <section class="panel" aria-labelledby="joined">
          <h2 id="joined">You are in</h2>
          <ul class="offers">
            {found.joined.map((each) => (
              <GroupRow key={each.group.key.id} deal={each.deal} group={each.group} now={now} isYours />
            ))}
          </ul>
        </section>
      )}
      {found && <Deals deals={found.deals} now={now} />}
      {found && found.deals.length === 0 && <p class="center quiet">Nothing is offered to groups right now.</p>}
    </>
  )
}

/** A brand's, on its page. */
export function BrandsGroups({ deals, now }: { deals: readonly DealView[]; now: number }) {
  return deals.length === 0 ? null : <Deals deals={deals} now={now} />
}

function Deals({ deals, now }: { deals: readonly DealView[]; now: number }) {
  return (
    <>
      {deals.map((deal) => (
        <section
          key={deal.key.token + deal.key.id}
          class="panel"
          data-deal={label(deal.key.id)}
        >
          <h2>{dealName(deal)}</h2>
          <p class="quiet">{[brandName(deal), about(deal)].filter(Boolean).join(' · ')}</p>
          <Tiers deal={deal} />
          <ul class="offers">
            {deal.groups.map((group) => (
              <GroupRow key={group.key.id} deal={deal} group={group} now={now} />
            ))}
            {deal.groups.length === 0 && <li class="quiet">No group is open right now.</li>}
          </ul>
          {canOpen(deal, now) && (
            <p>
              <a class="button quiet" href={`#/group/${deal.key.token}/${deal.key.id}`}>
                Start a group
              </a>
            </p>
          )}
        </section>
      ))}
    </>
  )
}

function GroupRow(props: { deal: DealView; group: GroupView; now: number; isYours?: boolean }) {
  const { deal, group, now, isYours } = props
  const { status, deadline } = group.group
  const verb = isYours || group.seated ? 'Look' : 'Join'
  return (
    <li class="offer" data-group={numberOf(group)}>
      <div class="what">
        <h3>{isYours ? dealName(deal) : `Group ${numberOf(group)}`}</h3>
        <p class="price" data-reached>
          {stands(deal, group)}
        </p>
        {status === Status.Open && (
          <p class="facts">{`${taken(group)} of ${group.group.mostSeats} taken · ${left(deadline - now)} left`}</p>
        )}
      </div>
      <a
        class="button soft small"
        href={`#/group/${group.key.token}/${group.key.id}`}
        aria-label={`${verb}: group ${numberOf(group)} of ${dealName(deal)}`}
      >
        {verb}
      </a>
    </li>
  )
}

// ---- one of them

interface Props {
  chain: Chain
  joined: Polled<Joined | undefined>
  referrer?: Address
  member?: Member
  now: number
}

export function GroupScreen({ chain, joined, referrer, member, now }: Props) {
  const { found, trouble } = joined
  return (
    <>
      <Back to="#/groups" text="Buy together" />
      {trouble && <Notice kind="trouble">{trouble}</Notice>}
      {!found && !trouble && (
        <p class="center quiet">{'found' in joined && joined.found === undefined ? 'One moment…' : ''}</p>
      )}
      {found && !found.deal.plan.mostSeats && <Notice kind="plain">There is no such offer any more.</Notice>}
      {found && found.deal.plan.mostSeats > 0 && (
        <section class="panel redeem tinted" style={`--hue: ${hue(found.deal)}`}>
          <Title>{dealName(found.deal)}</Title>
          <p class="quiet">{[brandName(found.deal), about(found.deal)].filter(Boolean).join(' · ')}</p>
          <Tiers deal={found.deal} group={found.group} />
          {found.group && <Stands deal={found.deal} group={found.group} now={now} />}
          {found.seat ? (
            <Yours chain={chain} found={found} member={member} now={now} again={joined.again} />
          ) : (
            <Join
              chain={chain}
              found={found}
              referrer={referrer}
              member={member}
              now={now}
              again={joined.again}
            />
          )}
        </section>
      )}
    </>
  )
}

/** The steps of the price, and what each still needs. */
function Tiers({ deal, group }: { deal: DealView; group?: GroupView }) {
  return (
    <ol class="tiers">
      {deal.tiers.map((tier, index) => {
        const missing = group?.group.status === Status.Open ? tier.seats - takenUpTo(group, index) : undefined
        const isReached = group !== undefined && group.group.price > 0n && tier.price >= group.group.price
        return (
          <li key={tier.seats} class={isReached ? 'reached' : ''} data-tier={index}>
            <span>from {tier.seats}</span>
            <strong>{price(deal, tier.price)}</strong>
            <small>{isReached ? 'reached' : missing !== undefined && missing > 0 ? `${missing} more` : ''}</small>
          </li>
        )
      })}
    </ol>
  )
}

function Stands({ deal, group, now }: { deal: DealView; group: GroupView; now: number }) {
  const { status, deadline, cutoffAt, mostSeats } = group.group
  return (
    <p data-stands>
      {status === Status.Open
        ? `${taken(group)} of ${mostSeats} taken, ${stands(deal, group).toLowerCase()}. Open for ${left(deadline - now)}${
            cutoffAt < deadline ? `; one can leave until ${moment(cutoffAt)}` : ''
          }.`
        : stands(deal, group)}
    </p>
  )
}

interface FormProps {
  chain: Chain
  found: Joined
  referrer?: Address
  member: Member | undefined
  now: number
  again: () => void
}

function Join({ chain, found, referrer, member, now, again }: FormProps) {
  const { deal, group } = found
  const [quantity, setQuantity] = useState(1)
  const [tier, setTier] = useState(0)
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const room = group ? group.group.mostSeats - taken(group) : deal.plan.mostSeats
  const most = Math.min(deal.plan.seatLimit, room)
  const deposit = (deal.tiers[tier]?.price ?? 0n) * BigInt(quantity)
  const { tokenPart, currencyPart } = deal.conditions
  const tokens = deposit * tokenPart

  if (group && group.group.status !== Status.Open) return null
  if (!group && !canOpen(deal, now)) {
    return <Notice kind="plain">You cannot start a group of this right now: it takes a right that you do not have.</Notice>
  }
  if (!member || !chain.isLocal || currencyPart > 0n) {
    return (
      <Notice kind="plain">
        {currencyPart > 0n
          ? 'A part of this price is paid in money: join with your own wallet.'
          : 'Seats are taken by whoever holds the points. Here you can only try it as one of the demonstration’s members: choose one at the top.'}
      </Notice>
    )
  }
  const join = async (event: Event) => {
    event.preventDefault()
    if (tokens > deal.balance) {
      setProblem(`You have ${amount(deal.balance, deal.decimals)} ${deal.name}: take less.`)
      return
    }
    setProblem(undefined)
    setBusy(true)
    try {
      const request = {
        groupId: group?.key.id ?? deal.key.id,
        quantity: BigInt(quantity),
        topTier: BigInt(tier),
        member: member.address,
        referrer: referrer && referrer !== member.address ? referrer : zeroAddress,
        leastCompensation: deal.conditions.compensation * BigInt(quantity),
      }
      const token = { address: deal.key.token, name: deal.name }
      const witness = { type: 'SeatRequest', fields: groupTypes.SeatRequest, value: { ...request } }
      const signed = await signSpend(chain, member, token, { spender: chain.config.groups, amount: tokens }, witness)
      const groupId = await chain.join(member, deal.key.token, request, signed)
      if (groupId !== request.groupId) location.hash = `#/group/${deal.key.token}/${groupId}`
      again()
    } catch (error) {
      setProblem(told(error))
      setBusy(false)
      again()
    }
  }
  return (
    <form onSubmit={join} noValidate>
      {deal.plan.seatLimit > 1 && <Stepper value={quantity} most={most} onChange={setQuantity} />}
      {deal.tiers.length > 1 && (
        <label class="field">
          <span>What would you pay at most for one?</span>
          <select value={tier} onChange={(event) => setTier(Number(event.currentTarget.value))}>
            {deal.tiers.map((each, index) => (
              <option key={each.seats} value={index}>
                {`${price(deal, each.price)}${index === 0 ? ', so that it comes about soonest' : ''}`}
              </option>
            ))}
          </select>
          <small>You never pay more than the others: what is over comes back.</small>
        </label>
      )}
      <dl class="bill">
        <div>
          <dt>You lay down</dt>
          <dd data-deposit>{price(deal, deposit)}</dd>
        </div>
        <div>
          <dt>You keep</dt>
          <dd>{tokens > deal.balance ? '–' : price(deal, (deal.balance - tokens) / (tokenPart || 1n))}</dd>
        </div>
      </dl>
      {problem && <Notice kind="trouble">{problem}</Notice>}
      <button type="submit" class="button" disabled={busy || most < 1}>
        {group ? 'Join' : 'Start the group'}
      </button>
      <p class="quiet small-print">{promise(deal)}</p>
    </form>
  )
}

/** What a member has in a group: leaving it, and bringing others. */
function Yours({ chain, found, member, now, again }: Omit<FormProps, 'referrer'>) {
  const { deal, group, seat } = found
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  if (!seat || !group) return null
  const { status, cutoffAt } = group.group
  const leave = async () => {
    if (!member) return
    setBusy(true)
    setProblem(undefined)
    try {
      const token = { address: deal.key.token, name: deal.name }
      const value = { groupId: group.key.id }
      const witness = { type: 'SeatLeaving', fields: groupTypes.SeatLeaving, value }
      const taken = { spender: chain.config.groups, amount: 0n }
      await chain.leave(member, seat, await signSpend(chain, member, token, taken, witness))
    } catch (error) {
      setProblem(told(error))
    }
    setBusy(false)
    again()
  }
  const share = `${location.origin}${location.pathname}#/group/${deal.key.token}/${group.key.id}/${seat.member}`
  return (
    <div role="status">
      <p data-seat>
        {`You have ${count(seat.quantity, 'seat')}, for at most ${price(deal, seat.deposit)}.`}
        {status !== Status.Open && ' Anybody can have it settled now; then it is an order, or all comes back.'}
      </p>
      {problem && <Notice kind="trouble">{problem}</Notice>}
      {status === Status.Open && (
        <>
          <p>Bring others, and it costs less:</p>
          <QrCode text={share} label={`QR code: join group ${numberOf(group)} of ${dealName(deal)}`} />
          <label class="field">
            <span>Or send them this</span>
            <input readOnly value={share} onFocus={(event) => event.currentTarget.select()} data-share />
          </label>
          {now < cutoffAt && member && chain.isLocal && (
            <button type="button" class="button quiet" disabled={busy} onClick={leave}>
              Leave
            </button>
          )}
        </>
      )}
    </div>
  )
}

// ---- words

function Back({ to = '#/', text = 'Your points' }: { to?: string; text?: ComponentChildren }) {
  return (
    <a class="back" href={to}>
      <Icon name="back" /> {text}
    </a>
  )
}

function dealName(deal: DealView): string {
  return describe(deal.termsURI, deal.termsHash).name ?? label(deal.key.id) ?? 'Something without a name'
}

function about(deal: DealView): string | undefined {
  return describe(deal.termsURI, deal.termsHash).description
}

function price(deal: DealView, parts: bigint): string {
  const { tokenPart, currencyPart } = deal.conditions
  const words: string[] = []
  if (tokenPart > 0n) words.push(`${amount(parts * tokenPart, deal.decimals)} ${deal.symbol}`)
  if (currencyPart > 0n) words.push(worth(deal, parts * currencyPart))
  return words.join(' + ')
}

function stands(deal: DealView, { group }: GroupView): string {
  if (group.status === Status.Failed) return 'Too few joined: everything goes back'
  if (group.status === Status.Succeeded) return `${group.units} ordered, each for ${price(deal, group.price)}`
  return group.price > 0n ? `Now ${price(deal, group.price)} each` : 'No price reached yet'
}

function promise({ conditions: { fulfilDays, compensation }, ...deal }: DealView): string {
  const money = compensation > 0n ? `, with ${worth(deal, compensation)} for each` : ''
  return (
    `If too few join, everything comes back. Otherwise it comes within ${count(fulfilDays, 'day')}; ` +
    `if it does not, you get everything back${money}. What you sign is good for ${PATIENCE / 60} minutes.`
  )
}

function taken({ group }: GroupView): number {
  return group.takenByTier.reduce((sum, units) => sum + units, 0)
}

function takenUpTo({ group }: GroupView, tier: number): number {
  return group.takenByTier.slice(0, tier + 1).reduce((sum, units) => sum + units, 0)
}

function numberOf({ key }: GroupView): number {
  return Number.parseInt(key.id.slice(-8), 16)
}

/** The deal that a group is of: the same id, without its number. */
export function dealOf(groupId: Hex): Hex {
  return `${groupId.slice(0, -8)}00000000` as Hex
}

function canOpen({ plan, opened, conditions, rights }: DealView, now: number): boolean {
  const isMine = BigInt(conditions.rightId) === 0n || rights > 0n
  return isMine && opened < BigInt(plan.groups) && now >= conditions.opensAt && now < conditions.closesAt
}

/** "2 days", "5 hours", "12 minutes". */
function left(seconds: number): string {
  if (seconds >= 48 * HOUR) return count(Math.floor(seconds / (24 * HOUR)), 'day')
  return seconds >= HOUR ? span(Math.floor(seconds / HOUR) * HOUR) : count(Math.max(1, Math.floor(seconds / 60)), 'minute')
}
