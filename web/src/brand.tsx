/** A brand's page: what a member has there, what it offers, what stands behind it and how it has delivered. */

import { Backing, Delivery } from './backing'
import { type OfferView, type Shop, type TokenView } from './chain'
import { isToOrder, obstacle, OfferRow } from './offers'
import { ToClaim } from './earning'
import { BrandsGroups } from './groups'
import { Orders } from './orders'
import { Pools } from './pools'
import { brandName, hue, Icon, Monogram, Notice, type Polled, Title, worth } from './ui'
import { Standing } from './wallet'
import { amount, describe } from './words'

export function BrandScreen(props: { page: Polled<Shop>; now: number }) {
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
  const { token } = found
  const offers = inOrder(token, found.offers, props.now)
  const atCounter = offers.filter((offer) => !isToOrder(offer))
  const toOrder = offers.filter(isToOrder)
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
            <Standing token={token} />
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
              {found.pools.some(({ membership }) => membership.joined) && (
                <a class="button quiet" href={`#/swap/${token.token}`}>
                  Swap for others
                </a>
              )}
            </footer>
          )}
        </section>
        <div class="shop">
          <ToClaim token={token} earned={found.earned} />
          <Orders page={found} now={props.now} />
          <section class="panel" aria-labelledby="offers">
            <h2 id="offers">What you get for them</h2>
            <ul class="offers">
              {atCounter.map((offer) => (
                <OfferRow key={offer.offerId} token={token} offer={offer} now={props.now} />
              ))}
              {atCounter.length === 0 && <li class="quiet">No offers right now.</li>}
            </ul>
          </section>
          <BrandsGroups deals={found.deals} now={props.now} />
          {toOrder.length > 0 && (
            <section class="panel" aria-labelledby="to-order">
              <h2 id="to-order">What you can order</h2>
              <p class="quiet">You pay when you order at the shop, and it comes later.</p>
              <ul class="offers">
                {toOrder.map((offer) => (
                  <OfferRow key={offer.offerId} token={token} offer={offer} now={props.now} />
                ))}
              </ul>
            </section>
          )}
        </div>
        <div class="proof">
          <Backing page={found} now={props.now} />
          <Delivery page={found} />
          <Pools pools={found.pools} token={token.token} now={props.now} />
        </div>
      </div>
    </>
  )
}

/** Those that can be had first, and among equals the latest. */
function inOrder(token: TokenView, offers: readonly OfferView[], now: number): OfferView[] {
  const blocked = (offer: OfferView) => Number(obstacle(token, offer, now) !== undefined)
  return [...offers].sort((a, b) => blocked(a) - blocked(b))
}

