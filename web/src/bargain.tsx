/** A bargain whose price friends cut: what it has come to, and until when. The link to it is what its buyer shares. */

import type { Bargain } from './chain'
import { brandName, Fact, hue, Icon, Notice, type Polled, Title, worth } from './ui'
import { amount, count, describe, label, moment } from './words'

/** Where a bargain stands, as IPricer numbers it. */
const enum Status {
  None = 0,
  Requested = 1,
  Open = 2,
  Lapsed = 3,
  Ended = 4,
}

export function BargainScreen({ bargain }: { bargain: Polled<Bargain> }) {
  const { found, trouble } = bargain
  return (
    <>
      <a class="back" href="#/">
        <Icon name="back" /> Your points
      </a>
      {trouble && <Notice kind="trouble">{trouble}</Notice>}
      {!found && !trouble && <p class="center quiet">One moment…</p>}
      {found && found.cut.status === Status.None && <Notice kind="plain">There is no such bargain.</Notice>}
      {found && found.cut.status !== Status.None && <Shown bargain={found} />}
    </>
  )
}

function Shown({ bargain }: { bargain: Bargain }) {
  const { token, cut, rules, termsURI, termsHash } = bargain
  const about = describe(termsURI, termsHash)
  return (
    <section class="panel redeem tinted" style={`--hue: ${hue(token)}`}>
      <Title>{about.name ?? label(bargain.dealId) ?? 'Something without a name'}</Title>
      <p class="quiet">{[brandName(token), about.description].filter(Boolean).join(' · ')}</p>
      <p data-stands>{stands(bargain)}</p>
      <dl>
        <Fact name="It began at" value={price(bargain, rules.listPrice)} id="list" />
        <Fact name="It costs now" value={price(bargain, cut.price)} id="now" />
        <Fact name="All friends together bring it to" value={price(bargain, rules.floorPrice)} id="floor" />
        <Fact name="Cuts that are left" value={cut.left.toString()} id="left" />
      </dl>
      {cut.status === Status.Open && cut.left > 0 && (
        <Notice kind="plain">
          Each friend cuts it once. What it takes off was fixed before the first of you came: ask whoever sent you this
          for the next cut.
        </Notice>
      )}
    </section>
  )
}

function stands({ cut }: Bargain): string {
  switch (cut.status) {
    case Status.Requested:
      return `The shop has until ${moment(cut.answerBy)} to say what the cuts are; otherwise it sells at the lowest price.`
    case Status.Open:
      return `Open until ${moment(cut.deadline)}, with ${count(cut.left, 'cut')} to come.`
    case Status.Ended:
      return 'It was taken.'
    default:
      return 'Its time is over, and nothing was paid.'
  }
}

function price({ token, conditions: { tokenPart, currencyPart } }: Bargain, parts: bigint): string {
  const words: string[] = []
  if (tokenPart > 0n) words.push(`${amount(parts * tokenPart, token.decimals)} ${token.symbol}`)
  if (currencyPart > 0n) words.push(worth(token, parts * currencyPart))
  return words.join(' + ')
}
