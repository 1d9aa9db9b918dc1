/** A brand's page: what it owes, what stands behind it, and everything it offers. */

import { type BrandPage, type OfferView, Status, type TokenView } from './chain'
import { obstacle, OfferRow } from './offers'
import { brandName, hue, Icon, Monogram, Notice, type Polled, Title, worth } from './ui'
import { Standing } from './wallet'
import { amount, dataText, describe, link, moment, span } from './words'

export function BrandScreen(props: { page: Polled<BrandPage>; now: number }) {
  const { found, trouble, again } = props.page
  if (!found) {
    return (
      <div class="center">
        {trouble ? (
          <>
            <Notice kind="trouble">{trouble}</Notice>
            <button type="button" class="button" onClick={again}>
              Try again
            </button>
          </>
        ) : (
          <p class="quiet">Opening the shop…</p>
        )}
      </div>
    )
  }
  const { token, offers } = found
  const about = describe(token.contractURI).description
  return (
    <>
      <a class="back" href="#/">
        <Icon name="back" /> Your points
      </a>
      {trouble && <Notice kind="trouble">{trouble}</Notice>}
      <div class="brand-page tinted" style={`--hue: ${hue(token)}`}>
        <section class="pass hero" data-token={token.symbol}>
          <header>
            <div class="brand">
              <Monogram token={token} />
              <Title>{brandName(token)}</Title>
            </div>
            <Standing status={token.status} />
            <p class="balance">
              <strong data-balance>{amount(token.balance, token.decimals)}</strong>
              <span>{token.name}</span>
            </p>
            <p class="worth" data-worth>
              worth {worth(token, token.value)} in the shop
            </p>
          </header>
          {about && <p class="about">{about}</p>}
          {token.balance > 0n && (
            <footer>
              <a class="button" href={`#/redeem/${token.token}`}>
                Pay with points
              </a>
            </footer>
          )}
        </section>
        <section class="panel" aria-labelledby="offers">
          <h2 id="offers">What you get for them</h2>
          <ul class="offers">
            {inOrder(token, offers, props.now).map((offer) => (
              <OfferRow key={offer.offerId} token={token} offer={offer} now={props.now} />
            ))}
            {offers.length === 0 && <li class="quiet">No offers right now.</li>}
          </ul>
        </section>
        <Backing page={found} />
      </div>
    </>
  )
}

/** Those that can be had first, and among equals the latest. */
function inOrder(token: TokenView, offers: readonly OfferView[], now: number): OfferView[] {
  const blocked = (offer: OfferView) => Number(obstacle(token, offer, now) !== undefined)
  return [...offers].reverse().sort((a, b) => blocked(a) - blocked(b))
}

function Backing({ page }: { page: BrandPage }) {
  const { token, obligation } = page
  const { terms, termsChangeAt, pendingCapacity, capacityChangeAt } = obligation
  const points = (units: bigint) => amount(units, token.decimals)
  return (
    <section class="panel" aria-labelledby="behind">
      <h2 id="behind">What stands behind them</h2>
      <p>
        {`${brandName(token)} owes you shop credit of ${worth(token, token.parValue)} for each ${token.symbol}, always. `}
        Nobody can take that back, and nobody but you can spend what you hold.
      </p>
      <Meter token={token} />
      <dl>
        <Fact name="In members’ hands" value={points(token.supply)} id="outstanding" />
        <Fact name="Promised, not given out yet" value={points(token.promised)} id="promised" />
        <Fact name="Most there can be" value={points(token.capacity)} id="capacity" />
        <Fact name="The brand is" value={standing(token)} id="status" />
        <Fact name="Notice before anything gets worse" value={span(terms.noticePeriod)} id="notice" />
      </dl>
      {capacityChangeAt > 0 && (
        <Notice kind="plain">
          From {moment(capacityChangeAt)} there can be {points(pendingCapacity)}.
        </Notice>
      )}
      {termsChangeAt > 0 && (
        <Notice kind="plain">The terms change at {moment(termsChangeAt)}. Until then they are as below.</Notice>
      )}
      <Terms uri={terms.termsURI} />
    </section>
  )
}

function standing(token: TokenView): string {
  if (token.status === Status.Active) return token.mintStopped ? 'active, minting is stopped' : 'active'
  return token.status === Status.Suspended ? 'suspended: no new points' : 'not in the alliance'
}

/** How much of what there can be is out, and promised. */
function Meter({ token }: { token: TokenView }) {
  const share = (units: bigint) => (token.capacity === 0n ? 0 : Number((units * 10_000n) / token.capacity) / 100)
  const out = share(token.supply)
  const promised = share(token.promised)
  const text = `${out}% in members’ hands, ${promised}% promised`
  return (
    <div class="meter" role="img" aria-label={text}>
      <span class="out" style={`width: max(${out}%, ${token.supply > 0n ? 3 : 0}px)`} />
      <span class="promised" style={`width: ${promised}%`} />
    </div>
  )
}

function Fact({ name, value, id }: { name: string; value: string; id: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-fact={id}>{value}</dd>
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
