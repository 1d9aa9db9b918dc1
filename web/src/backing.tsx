/** What stands behind a brand's tokens, what it has announced, and how it has delivered. */

import { type BrandPage, Purse, Status, type TokenView } from './chain'
import { brandName, Fact, Notice, worth } from './ui'
import { amount, dataText, link, moment, percent, span } from './words'

const PURSES = [
  [Purse.Settlement, 'debts to other brands'],
  [Purse.Holders, 'everyone who holds them'],
  [Purse.Compensation, 'orders that fail'],
] as const

/** How many offers the record is counted over at most, as AllianceLens has it. */
const MAX_SUMMED = 500n

export function Backing({ page, now }: { page: BrandPage; now: number }) {
  const { token, obligation, purses } = page
  const { backing } = token
  const points = (units: bigint) => amount(units, token.decimals)
  return (
    <section class="panel" aria-labelledby="behind">
      <h2 id="behind">What stands behind them</h2>
      <p>
        {`${brandName(token)} owes you shop credit of ${worth(token, token.parValue)} for each ${token.symbol}, always. `}
        Nobody can take that back, and nobody but you can spend what you hold.
      </p>
      <p data-coverage>{coverage(token)}</p>
      <Meter share={Number(backing.coverageBps) / 100} isEmpty={backing.held === 0n}>
        {laidDown(token)}
      </Meter>
      <Announced page={page} now={now} />
      <dl>
        {PURSES.map(
          ([purse, what]) =>
            (purse === Purse.Holders || purses[purse]?.value !== 0n) && (
              <Fact key={purse} name={`Laid down for ${what}`} value={worth(token, purses[purse]?.value ?? 0n)} id={`purse-${purse}`} />
            ),
        )}
        {backing.requiredBps > 0n && (
          <Fact
            name={`Its terms require ${percent(backing.requiredBps)}`}
            value={worth(token, purses[Purse.Holders]?.required ?? 0n)}
            id="required"
          />
        )}
        <Fact name="In members’ hands" value={points(token.supply)} id="outstanding" />
        <Fact name="Promised, not given out yet" value={points(token.promised)} id="promised" />
        <Fact name="Most there can be" value={points(token.capacity)} id="capacity" />
        <Fact name="The brand is" value={standing(token)} id="status" />
        <Fact name="Notice before anything gets worse" value={span(obligation.terms.noticePeriod)} id="notice" />
      </dl>
      <Terms uri={obligation.terms.termsURI} />
    </section>
  )
}

/** What is laid down, in a few words. */
export function laidDown(token: TokenView): string {
  const { held, coverageBps } = token.backing
  if (held === 0n) return 'Nothing is laid down'
  if (coverageBps === 10_000n) return 'All of it is laid down'
  return `${coverageBps === 0n ? 'Less than 0.01%' : percent(coverageBps)} is laid down`
}

function coverage(token: TokenView): string {
  const { owed, held, coverageBps } = token.backing
  const all = 'everything given out or promised'
  if (owed === 0n) return 'Nothing is given out or promised yet.'
  if (held === 0n) return `Nothing is laid down for ${all}, ${worth(token, owed)}: you rely on the brand’s word.`
  if (coverageBps === 10_000n) return `All of ${all}, ${worth(token, owed)}, is laid down in money.`
  const share = coverageBps === 0n ? 'Less than 0.01%' : percent(coverageBps)
  return `${share} of ${all} is laid down in money: ${worth(token, held)} of ${worth(token, owed)}.`
}

/** What is about to change, and what is amiss. */
function Announced({ page, now }: { page: BrandPage; now: number }) {
  const { token, obligation, purses } = page
  const { terms, pendingTerms, termsChangeAt, pendingCapacity, capacityChangeAt, windDownEndsAt } = obligation
  const { cureBy, held } = token.backing
  const missing = (purses[Purse.Holders]?.required ?? 0n) - held
  return (
    <>
      {windDownEndsAt > 0 && (
        <Notice kind="plain">
          {now < windDownEndsAt
            ? `This brand is leaving. It owes you as before until ${moment(windDownEndsAt)}.`
            : `This brand has left. It owed you as before until ${moment(windDownEndsAt)}.`}
        </Notice>
      )}
      {missing > 0n && (
        <Notice kind="plain">
          {`${worth(token, missing)} less is laid down than the terms require`}
          {cureBy > 0 ? `, to be made good by ${moment(cureBy)}.` : '.'}
        </Notice>
      )}
      {PURSES.map(([purse, what]) => {
        const { withdrawal = 0n, withdrawableAt = 0, withdrawableUntil = 0 } = purses[purse] ?? {}
        return (
          withdrawal > 0n &&
          now < withdrawableUntil && (
            <Notice key={purse} kind="plain">
              {`The brand may take back up to ${worth(token, withdrawal)} of what is laid down for ${what}, from `}
              {`${moment(withdrawableAt)} to ${moment(withdrawableUntil)}.`}
            </Notice>
          )
        )
      })}
      {capacityChangeAt > 0 && (
        <Notice kind="plain">
          From {moment(capacityChangeAt)} there can be {amount(pendingCapacity, token.decimals)}.
        </Notice>
      )}
      {termsChangeAt > 0 && (
        <Notice kind="plain">
          {`The terms change at ${moment(termsChangeAt)}. Until then they are as below.`}
          {pendingTerms.bondBps < terms.bondBps &&
            ` Then ${percent(pendingTerms.bondBps)} must be laid down instead of ${percent(terms.bondBps)}.`}
          {pendingTerms.noticePeriod < terms.noticePeriod && ` Then the notice is ${span(pendingTerms.noticePeriod)}.`}
        </Notice>
      )}
    </>
  )
}

function standing(token: TokenView): string {
  if (token.status === Status.Active) return token.mintStopped ? 'active, minting is stopped' : 'active'
  return token.status === Status.Suspended ? 'suspended: no new points' : 'not in the alliance'
}

/** How it has delivered what was ordered, in pieces. */
export function Delivery({ page }: { page: BrandPage }) {
  const { token, delivery, offersToOrder } = page
  if (offersToOrder === 0n) return null
  const { open, fulfilled, declined, failed, lost, disputed, compensationPaid } = delivery
  const ended = fulfilled + declined + failed + lost
  return (
    <section class="panel" aria-labelledby="delivered">
      <h2 id="delivered">How it has delivered</h2>
      <p data-delivery>
        {ended === 0n
          ? open === 0n
            ? 'Nobody has ordered anything yet.'
            : 'Nothing that was ordered is settled yet.'
          : `${percent((fulfilled * 10_000n) / ended)} of what is settled came as promised: ${fulfilled} of ${ended}.`}
      </p>
      <dl>
        <Fact name="On the way, or not settled yet" value={`${open}`} id="open" />
        <Fact name="The shop said no" value={`${declined}`} id="declined" />
        <Fact name="Did not come in time" value={`${failed}`} id="failed" />
        <Fact name="Disputed" value={`${disputed}`} id="disputed" />
        <Fact name="Of these, the member was right" value={`${lost}`} id="lost" />
        <Fact name="Paid to members for it" value={worth(token, compensationPaid)} id="paid" />
      </dl>
      {offersToOrder > MAX_SUMMED && (
        <p class="quiet">Counted over the latest {String(MAX_SUMMED)} of its offers to order.</p>
      )}
    </section>
  )
}

function Meter({ share, isEmpty, children }: { share: number; isEmpty: boolean; children: string }) {
  return (
    <div class="meter" role="img" aria-label={children}>
      <span class="out" style={`width: max(${share}%, ${isEmpty ? 0 : 3}px)`} />
    </div>
  )
}

function Terms({ uri }: { uri: string }) {
  const text = dataText(uri)
  const address = link(uri)
  if (text) {
    return (
      <details>
        <summary>The terms</summary>
        <p>{text}</p>
      </details>
    )
  }
  return address ? (
    <p>
      <a href={address} rel="noopener noreferrer" target="_blank">
        The terms
      </a>
    </p>
  ) : null
}
