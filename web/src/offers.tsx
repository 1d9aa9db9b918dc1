/** An offer in a list: what it is, what it costs, and whether it can be had now. */

import type { OfferView, TokenView } from './chain'
import { worth } from './ui'
import { amount, day, describe, label, moment, span } from './words'

const NO_LIMIT = 2 ** 32 - 1
const DAY = 86_400

/** Whether an offer is delivered later; the others are handed over at once. */
export function isToOrder(offer: OfferView): boolean {
  return offer.offer.conditions.fulfilDays > 0
}

export function offerName(offer: OfferView): string {
  const { termsURI, termsHash } = offer.offer
  return describe(termsURI, termsHash).name ?? label(offer.offerId) ?? 'An offer without a name'
}

/**
 * `now` is the chain's clock, where it matters: what is offered in a wallet is open, and what can be ordered is
 * told about on the brand's page.
 */
export function OfferRow({ token, offer, now }: { token: TokenView; offer: OfferView; now?: number }) {
  const { conditions, changeAt, pendingConditions, termsURI, termsHash } = offer.offer
  const about = describe(termsURI, termsHash).description
  const small = facts(offer)
  const why = obstacle(token, offer, now)
  const name = offerName(offer)
  return (
    <li class="offer">
      <div class="what">
        <h3>{name}</h3>
        {about && <p>{about}</p>}
        <p class="price">{price(token, conditions.price)}</p>
        {small.length > 0 && <p class="facts">{small.join(' · ')}</p>}
        {changeAt > 0 && (
          <p class="facts">
            {pendingConditions.price === conditions.price
              ? `Changes on ${day(changeAt)}`
              : `${price(token, pendingConditions.price)} from ${day(changeAt)}`}
          </p>
        )}
      </div>
      {why ? (
        <p class="why">{why}</p>
      ) : !isToOrder(offer) ? (
        <a class="button soft small" href={`#/redeem/${token.token}/${offer.offerId}`} aria-label={`Get it: ${name}`}>
          Get it
        </a>
      ) : (
        now === undefined && (
          <a class="button soft small" href={`#/brand/${token.token}`} aria-label={`See how: ${name}`}>
            See how
          </a>
        )
      )}
      {now !== undefined && isToOrder(offer) && <p class="promise">{promise(token, offer)}</p>}
    </li>
  )
}

/** What a member gets where nothing comes, and what it costs to be wrong about that. */
function promise(token: TokenView, offer: OfferView): string {
  const { price: cost, compensation, stakePercent } = offer.offer.conditions
  const short = offer.compensation < compensation
  const stake = (cost * BigInt(stakePercent) + 99n) / 100n
  return [
    `If nothing comes, you get everything back${offer.compensation > 0n ? `, and ${worth(token, offer.compensation)}` : ''}.`,
    short ? `The shop promises ${worth(token, compensation)} and has not set that much aside.` : '',
    stake > 0n ? `Disputing a delivery costs you ${price(token, stake)} if you turn out wrong.` : '',
  ]
    .filter(Boolean)
    .join(' ')
}

function price(token: TokenView, units: bigint): string {
  return `${amount(units, token.decimals)} ${token.symbol}`
}

function facts(offer: OfferView): string[] {
  const { conditions } = offer.offer
  const until = day(conditions.closesAt)
  const found: string[] = []
  if (isToOrder(offer)) found.push(`comes within ${span(conditions.fulfilDays * DAY)}`)
  if (offer.left > 0n && offer.left <= 20n) found.push(`${offer.left} left`)
  if (conditions.memberLimit < NO_LIMIT) found.push(`at most ${conditions.memberLimit} each`)
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
    return `${price(token, missing)} to go`
  }
  return undefined
}
