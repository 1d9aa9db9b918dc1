/** An offer in a list: what it is, what it costs, and whether it can be had now. */

import type { OfferView, TokenView } from './chain'
import { amount, count, day, describe, label, moment } from './words'

const NO_LIMIT = 2 ** 32 - 1

export function offerName(offer: OfferView): string {
  const { termsURI, termsHash } = offer.offer
  return describe(termsURI, termsHash).name ?? label(offer.offerId) ?? 'An offer without a name'
}

/** `now` is the chain's clock, where it matters: what is offered in a wallet is open. */
export function OfferRow({ token, offer, now }: { token: TokenView; offer: OfferView; now?: number }) {
  const { conditions, changeAt, pendingConditions, termsURI, termsHash } = offer.offer
  const price = (units: bigint) => `${amount(units, token.decimals)} ${token.symbol}`
  const about = describe(termsURI, termsHash).description
  const until = day(conditions.closesAt)
  const why = obstacle(token, offer, now)
  const name = offerName(offer)
  return (
    <li class="offer">
      <div class="what">
        <h3>{name}</h3>
        {about && <p>{about}</p>}
        <p class="price">
          <strong>{price(conditions.price)}</strong>
          {facts(offer, until).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
        {changeAt > 0 && (
          <p class="later">
            From {moment(changeAt)}:{' '}
            {pendingConditions.price === conditions.price
              ? 'other conditions'
              : `${price(pendingConditions.price)} each`}
          </p>
        )}
      </div>
      {why ? (
        <p class="why">{why}</p>
      ) : (
        <a class="button small" href={`#/redeem/${token.token}/${offer.offerId}`} aria-label={`Get ${name}`}>
          Get it
        </a>
      )}
    </li>
  )
}

function facts(offer: OfferView, until: string | undefined): string[] {
  const { conditions } = offer.offer
  const found: string[] = []
  if (offer.left > 0n && offer.left <= 20n) found.push(`${offer.left} left`)
  if (conditions.memberLimit < NO_LIMIT) found.push(`${count(conditions.memberLimit, 'each', 'each')} at most`)
  if (until) found.push(`until ${until}`)
  return found
}

/** Why an offer cannot be had now, if it cannot. */
export function obstacle(token: TokenView, offer: OfferView, now?: number): string | undefined {
  const { conditions } = offer.offer
  if (now !== undefined && now < conditions.opensAt) return `Opens ${moment(conditions.opensAt)}`
  if (now !== undefined && now >= conditions.closesAt) return 'Over'
  if (offer.left === 0n) return 'Sold out'
  if (offer.memberLeft === 0n) return 'You had yours'
  if (offer.affordable === 0n) {
    const missing = conditions.price - token.balance
    return `${amount(missing, token.decimals)} more to go`
  }
  return undefined
}
