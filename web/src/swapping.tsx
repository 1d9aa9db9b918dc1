/** Swapping: which points for which, what comes of it to the unit, and making it. */

import { useState } from 'preact/hooks'
import type { Address } from 'viem'
import type { Chain, Pool, Side, SwapRequest } from './chain'
import type { Member } from './config'
import { swapTypes } from './contracts'
import { PATIENCE, signSpend } from './signing'
import { type Deal, dealFor, divUp, quoteIn, WORTH } from './swap'
import { brandName, hue, Icon, Notice, type Polled, Title, told } from './ui'
import { amount, money, parseAmount, percent } from './words'

interface Props {
  chain: Chain
  pools: Polled<Pool[]>
  /** What to swap, if the member came from there. */
  token?: Address
  member?: Member
}

/** Two tokens of a pool that can be swapped for one another. */
interface Pair {
  pool: Pool
  from: Side
  to: Side
}

/** A pair, and what it gives for what the member offers, if anything. */
interface Choice extends Pair {
  deal?: Deal
}

interface Made {
  from: Side
  to: Side
  amountIn: bigint
  amountOut: bigint
}

export function SwapScreen({ chain, pools, token, member }: Props) {
  const [made, setMade] = useState<Made>()
  const { found, trouble } = pools
  const held = found && sidesHeld(found)
  return (
    <>
      <a class="back" href="#/">
        <Icon name="back" /> Your points
      </a>
      {trouble && <Notice kind="trouble">{trouble}</Notice>}
      {!held && !trouble && <p class="center quiet">One moment…</p>}
      {held && (
        <section class="panel redeem">
          <Title>{made ? 'Swapped' : 'Swap points'}</Title>
          {made ? (
            <Done made={made} />
          ) : held.length === 0 ? (
            <Notice kind="plain">None of your points can be swapped for others yet.</Notice>
          ) : (
            <Ask
              chain={chain}
              pools={found}
              held={held}
              token={token}
              member={member}
              onMade={setMade}
              onRefused={pools.again}
            />
          )}
        </section>
      )}
    </>
  )
}

// ---- what there is

/** One side for each token that the member holds. */
function sidesHeld(pools: readonly Pool[]): Side[] {
  const sides = pools.flatMap((pool) => pool.sides).filter((side) => side.balance > 0n)
  return [...new Map(sides.map((side) => [side.token, side])).values()]
}

/** What a token can be swapped for, each by the pool that gives most. */
function choicesFor(pools: readonly Pool[], token: Address, offered: bigint | undefined): Choice[] {
  const best = new Map<Address, Choice>()
  for (const pool of pools) {
    const from = pool.sides.find((side) => side.token === token)
    for (const to of from ? pool.sides : []) {
      if (!from || to.token === token) continue
      const choice = { pool, from, to, deal: offered ? dealFor(from, to, offered) : undefined }
      const other = best.get(to.token)
      if (!other || isBetter(choice.deal, other.deal)) best.set(to.token, choice)
    }
  }
  return [...best.values()]
}

function isBetter(deal: Deal | undefined, than: Deal | undefined): boolean {
  if (!deal || !than) return deal !== undefined && than === undefined
  return deal.gets > than.gets || (deal.gets === than.gets && deal.gives < than.gives)
}

/** Why a pool refuses a swap. */
function obstacle({ from, to }: Pair, offered: bigint): string {
  const stopped = [to, from].find(({ position }) => position.stopped || position.suspended)
  if (stopped) return `${brandName(stopped)} has stopped swaps for now`
  if (to.available === 0n) return 'None left here'
  if (offered > from.room) {
    const { ceiling, net, leftToday } = from.position
    const when = leftToday < ceiling - net ? 'today' : 'for now'
    return from.room === 0n ? `No more ${from.symbol} are taken ${when}` : `At most ${points(from, from.room)} are taken ${when}`
  }
  const least = quoteIn(from, to, 1n)
  if (least === undefined || offered < least) {
    return least === undefined ? 'Too few are taken for one' : `At least ${points(from, least)} for this`
  }
  return `Only ${points(to, to.available)} left here`
}

// ---- saying what

interface AskProps {
  chain: Chain
  pools: readonly Pool[]
  held: readonly Side[]
  token: Address | undefined
  member: Member | undefined
  onMade: (made: Made) => void
  onRefused: () => void
}

function Ask({ chain, pools, held, token, member, onMade, onRefused }: AskProps) {
  const [chosen, setChosen] = useState(token)
  const [wanted, setWanted] = useState<Address>()
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const from = held.find((side) => side.token.toLowerCase() === chosen?.toLowerCase()) ?? held[0]
  if (!from) return null

  const offered = parseAmount(text, from.position.decimals)
  const choices = choicesFor(pools, from.token, offered)
  const choice = choices.find(({ to }) => to.token === wanted)
  const canSwap = member !== undefined && chain.isLocal
  const swap = async (event: Event) => {
    event.preventDefault()
    const wrong = mistake(from, offered, choice)
    setProblem(wrong)
    if (wrong || !choice?.deal || !member) return
    setBusy(true)
    try {
      onMade({ ...choice, ...(await made(chain, member, choice, choice.deal)) })
    } catch (error) {
      setProblem(told(error))
      setBusy(false)
      onRefused()
    }
  }
  return (
    <form onSubmit={swap} noValidate>
      {token && chosen === token && from.token.toLowerCase() !== token.toLowerCase() && (
        <Notice kind="plain">Those points cannot be swapped. These can.</Notice>
      )}
      <label class="field">
        <span>Which do you give?</span>
        <select value={from.token} onChange={(event) => setChosen(event.currentTarget.value as Address)}>
          {held.map((side) => (
            <option key={side.token} value={side.token}>
              {side.name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>How many {from.name}?</span>
        <input
          value={text}
          inputMode="decimal"
          autocomplete="off"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <small>You have {amount(from.balance, from.position.decimals)}.</small>
      </label>
      <fieldset class="choices">
        <legend>What do you want for them?</legend>
        {choices.map((each) => (
          <Row
            key={each.to.token}
            choice={each}
            offered={offered}
            isChosen={each === choice}
            onChoose={() => setWanted(each.to.token)}
          />
        ))}
        {choices.length === 0 && <p class="quiet">There is nothing else here yet.</p>}
      </fieldset>
      {choice?.deal && <Bill choice={choice} deal={choice.deal} />}
      {problem && <Notice kind="trouble">{problem}</Notice>}
      {canSwap ? (
        <button type="submit" class="button" disabled={busy}>
          Swap now
        </button>
      ) : (
        <Notice kind="plain">
          Swaps are made by whoever holds the points. Here you can only try it as one of the demonstration’s members:
          choose one at the top.
        </Notice>
      )}
    </form>
  )
}

/** What is amiss with what the member asks for, if anything. */
function mistake(from: Side, offered: bigint | undefined, choice: Choice | undefined): string | undefined {
  if (offered === undefined || offered === 0n) return `Say how many ${from.name} you want to give, such as 12.`
  if (offered > from.balance) return `You have ${amount(from.balance, from.position.decimals)} ${from.name}: give less.`
  if (!choice) return 'Choose what you want for them.'
  return choice.deal ? undefined : `${obstacle(choice, offered)}: give another amount, or choose something else.`
}

function Row(props: { choice: Choice; offered: bigint | undefined; isChosen: boolean; onChoose: () => void }) {
  const { choice, offered, isChosen, onChoose } = props
  const { pool, to, deal } = choice
  return (
    <label class="choice tinted" style={`--hue: ${hue(to)}`} data-choice={to.symbol}>
      <input type="radio" name="wanted" checked={isChosen} onChange={onChoose} />
      <span class="what">
        <b>{brandName(to)}</b>
        <small>each worth {money(to.position.parValue, pool.currencyDecimals, pool.currencySymbol)}</small>
      </span>
      {deal ? (
        <strong data-gets>{points(to, deal.gets)}</strong>
      ) : (
        (offered || blocked(choice)) && <span class="why">{obstacle(choice, offered ?? 0n)}</span>
      )}
    </label>
  )
}

/** Whether nothing at all can be swapped. */
function blocked({ from, to }: Pair): boolean {
  return from.room === 0n || to.available === 0n
}

function Bill({ choice, deal }: { choice: Choice; deal: Deal }) {
  const { from, to } = choice
  return (
    <>
      <dl class="bill">
        <div>
          <dt>You give</dt>
          <dd data-gives>{points(from, deal.gives)}</dd>
        </div>
        <div>
          <dt>You get</dt>
          <dd data-deal>{points(to, deal.gets)}</dd>
        </div>
        <div>
          <dt>It costs</dt>
          <dd data-fee>{fee(choice, deal)}</dd>
        </div>
        <div>
          <dt>You keep</dt>
          <dd data-keeps>{from.balance < deal.gives ? '–' : points(from, from.balance - deal.gives)}</dd>
        </div>
      </dl>
      <p class="quiet small-print" data-bound>
        {deal.exactOut
          ? `You get exactly this, for at most ${points(from, deal.most)}. `
          : `You get at least ${points(to, deal.least)}. `}
        {`If others are faster and that no longer holds, or after ${PATIENCE / 60} minutes, nothing happens.`}
      </p>
    </>
  )
}

/** What is lost between what is given and what comes, at par: "$0.02, 0.5%". */
function fee({ pool, from, to }: Pair, deal: Deal): string {
  const value = (worth: bigint) => money(divUp(worth, WORTH), pool.currencyDecimals, pool.currencySymbol)
  const share = divUp((deal.fee + deal.dust) * 10_000n, deal.worth)
  const all = `${value(deal.fee + deal.dust)}, ${percent(share)}`
  // Half a percent is worth a word.
  if (deal.dust * 200n < deal.worth) return all
  const coarse = to.position.decimals <= from.position.decimals ? to : from
  return `${all}; ${value(deal.dust)} of it because ${coarse.symbol} cannot be split`
}

function points(side: Side, units: bigint): string {
  return `${amount(units, side.position.decimals)} ${side.symbol}`
}

// ---- making it

async function made(chain: Chain, member: Member, { pool, from, to }: Pair, deal: Deal) {
  const request: SwapRequest = {
    pool: pool.pool,
    tokenOut: to.token,
    amountOut: deal.least,
    exactOut: deal.exactOut,
    to: member.address,
  }
  const token = { address: from.token, name: from.name }
  const taken = { spender: pool.rules.market, amount: deal.most }
  const witness = { type: 'SwapRequest', fields: swapTypes.SwapRequest, value: { ...request } }
  return chain.swap(member, from.token, request, await signSpend(chain, member, token, taken, witness))
}

function Done({ made: { from, to, amountIn, amountOut } }: { made: Made }) {
  return (
    <div class="done" role="status">
      <span class="tick">
        <Icon name="check" />
      </span>
      <p>
        <strong data-taken>{points(to, amountOut)}</strong> are yours.
      </p>
      <p class="quiet" data-given>
        You gave {points(from, amountIn)}.
      </p>
      <a class="button" href={`#/brand/${to.token}`}>
        See what you get for them
      </a>
    </div>
  )
}
