/** What a member earned in a period, or a customer by a one-time link: what it is, its proof, and claiming it. */

import { useState } from 'preact/hooks'
import type { Hex } from 'viem'
import type { Chain, Earned, TokenView } from './chain'
import type { Member } from './config'
import { signLink } from './signing'
import { brandName, Fact, hue, Icon, Notice, type Polled, Title, told } from './ui'
import { amount, count, moment } from './words'

/** What a period credits whoever looks. */
export interface Looked {
  token: TokenView
  earned: Earned | undefined
  now: number
}

interface Props {
  chain: Chain
  page: Polled<Looked>
  /** The link's key, for a customer who came by one. */
  linkKey: Hex | undefined
  member: Member | undefined
}

export function EarnedScreen({ chain, page, linkKey, member }: Props) {
  const { found, trouble, again } = page
  return (
    <>
      <a class="back" href="#/">
        <Icon name="back" /> Your points
      </a>
      {trouble && <Notice kind="trouble">{trouble}</Notice>}
      {!found && !trouble && <p class="center quiet">One moment…</p>}
      {found && (
        <section class="panel redeem tinted" style={`--hue: ${hue(found.token)}`}>
          <Title>What you earned</Title>
          <p class="quiet">{brandName(found.token)}</p>
          {found.earned?.credit ? (
            <Yours chain={chain} found={found} linkKey={linkKey} member={member} again={again} />
          ) : (
            <Notice kind="plain">
              {found.earned ? 'Nothing is credited to you here.' : 'The shop has posted nothing under that number.'}
            </Notice>
          )}
        </section>
      )}
    </>
  )
}

function Yours(props: Omit<Props, 'page'> & { found: Looked; again: () => void }) {
  const { chain, found, linkKey, member, again } = props
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const { token, earned, now } = found
  const credit = earned?.credit
  if (!earned || !credit) return null
  const { period, finalAt, claimableUntil } = earned.posting
  const points = amountOf(token, credit.amount)
  const claim = async () => {
    if (!member) return
    setBusy(true)
    setProblem(undefined)
    try {
      const what = { token: token.token, period, index: credit.index }
      const named = linkKey && (await signLink(chain, linkKey, what, member.address))
      await chain.claim(member, token.token, credit, named)
    } catch (error) {
      setProblem(told(error))
    } finally {
      setBusy(false)
      again()
    }
  }
  return (
    <>
      <p class="balance">
        <strong data-earned>{points}</strong>
      </p>
      <p data-stands>{stands(earned, now)}</p>
      <dl>
        <Fact name="Period" value={period.toString()} id="period" />
        <Fact name="Claimable from" value={moment(finalAt)} id="from" />
        <Fact name="Claimable until" value={moment(claimableUntil)} id="until" />
        <Fact name="Checked" value={`by ${count(credit.proof.length, 'step')} up to what is on the chain`} id="proof" />
      </dl>
      {problem && <Notice kind="trouble">{problem}</Notice>}
      {isOpen(earned, now) &&
        (member && chain.isLocal ? (
          <button type="button" class="button" disabled={busy} onClick={claim}>
            {linkKey ? `Claim for ${member.name}` : 'Claim'}
          </button>
        ) : (
          <Notice kind="plain">
            Anybody can hand this in, and it goes to {linkKey ? 'whom you name' : 'you'}. Here you can only try it as one
            of the demonstration’s members: choose one at the top.
          </Notice>
        ))}
      {earned.isClaimed && (
        <a class="button" href={`#/brand/${token.token}`}>
          See what you get for them
        </a>
      )}
    </>
  )
}

/** On a brand's page: what the member has not claimed there yet. */
export function ToClaim({ token, earned }: { token: TokenView; earned: readonly Earned[] }) {
  if (earned.length === 0) return null
  return (
    <section class="panel" aria-labelledby="earned">
      <h2 id="earned">What you earned</h2>
      <ul class="offers">
        {earned.map(({ posting, credit }) => (
          <li key={posting.period} class="offer" data-period={posting.period}>
            <div class="what">
              <h3>{amountOf(token, credit?.amount ?? 0n)}</h3>
              <p class="quiet">In period {posting.period}, not claimed yet</p>
            </div>
            <a class="button soft" href={`#/earned/${token.token}/${posting.period}`}>
              Look at it
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

function isOpen({ posting, isClaimed }: Earned, now: number): boolean {
  return !isClaimed && now >= posting.finalAt && now < posting.claimableUntil
}

function stands(earned: Earned, now: number): string {
  const { finalAt, claimableUntil } = earned.posting
  if (earned.isClaimed) return 'It was claimed.'
  if (now < finalAt) return `Until ${moment(finalAt)} the shop can take out what was returned. Then it can be claimed.`
  if (now < claimableUntil) return 'It is yours to claim.'
  return 'Its time is over: it was not claimed, and went back to the shop.'
}

function amountOf(token: { symbol: string; decimals: number }, units: bigint): string {
  return `${amount(units, token.decimals)} ${token.symbol}`
}
