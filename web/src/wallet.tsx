/** A member's screen: every brand's tokens, what they are worth, and what they buy. */

import type { Polled } from './ui'
import { laidDown } from './backing'
import { Status, type TokenView, type Wallet, type WalletLine } from './chain'
import { OfferRow } from './offers'
import { brandName, hue, Icon, Monogram, Notice, Title, worth } from './ui'
import { amount, count, day, money, notice } from './words'

export function WalletScreen(props: { wallet: Polled<Wallet>; more: () => void }) {
  const { found, trouble, again } = props.wallet
  return (
    <>
      <section class="summary" aria-label="Everything together">
        <Title>Your points</Title>
        {found && <Total lines={found.lines} />}
      </section>
      {trouble && (
        <div class={found ? 'over' : 'center'}>
          <Notice kind="trouble">{trouble}</Notice>
          {!found && (
            <button type="button" class="button" onClick={again}>
              Try again
            </button>
          )}
        </div>
      )}
      {!found && !trouble && <p class="center quiet">Looking up your points…</p>}
      {found && found.lines.length === 0 && <p class="center quiet">No shop has joined yet.</p>}
      {found && (
        <div class="passes">
          {inOrder(found.lines).map((line) => (
            <Pass key={line.token.token} line={line} />
          ))}
        </div>
      )}
      {found && found.total > found.lines.length && (
        <p class="center">
          <button type="button" class="button quiet" onClick={props.more}>
            Show more of the {found.total} shops
          </button>
        </p>
      )}
    </>
  )
}

/** What all of it is worth, by currency: nothing is converted. */
function Total({ lines }: { lines: readonly WalletLine[] }) {
  const sums = new Map<string, { text: string; value: bigint; decimals: number; symbol: string }>()
  for (const { token } of lines) {
    const sum = sums.get(token.currency)
    const value = (sum?.value ?? 0n) + token.value
    const { currencyDecimals: decimals, currencySymbol: symbol } = token
    sums.set(token.currency, { text: money(value, decimals, symbol), value, decimals, symbol })
  }
  const shops = lines.filter(({ token }) => token.balance > 0n).length
  return (
    <>
      <p class="total" data-total>
        {[...sums.values()].map((sum) => sum.text).join(' and ') || '0'}
      </p>
      <p class="quiet">
        {shops === 0
          ? 'Nothing collected yet.'
          : `of credit at ${count(shops, 'shop')}. Offers can give you more.`}
      </p>
      {shops > 0 && (
        <p>
          <a class="button soft" href="#/swap">
            Swap points
          </a>{' '}
          <a class="button soft" href="#/groups">
            Buy together
          </a>
        </p>
      )}
    </>
  )
}

/** Those the member holds first, otherwise as the alliance has them. */
function inOrder(lines: readonly WalletLine[]): WalletLine[] {
  return [...lines].sort((a, b) => Number(b.token.balance > 0n) - Number(a.token.balance > 0n))
}

function Pass({ line }: { line: WalletLine }) {
  const { token, offers } = line
  const page = `#/brand/${token.token}`
  return (
    <article class="pass tinted" style={`--hue: ${hue(token)}`} data-token={token.symbol}>
      <header>
        <a class="brand" href={page}>
          <Monogram token={token} />
          <h2>{brandName(token)}</h2>
        </a>
        <Standing token={token} />
        <p class="balance">
          <strong data-balance>{amount(token.balance, token.decimals)}</strong>
          <span>{token.name}</span>
        </p>
        <p class="worth" data-worth>
          {token.balance > 0n
            ? `worth ${worth(token, token.value)} in the shop`
            : `each worth ${worth(token, token.parValue)}`}
        </p>
      </header>
      <ul class="offers" aria-label={`Offers of ${brandName(token)}`}>
        {offers.map((offer) => (
          <OfferRow key={offer.offerId} token={token} offer={offer} />
        ))}
        {offers.length === 0 && <li class="quiet">No offers right now.</li>}
      </ul>
      <footer>
        <a class="behind" href={page}>
          <Icon name="shield" />
          <span>
            <b>What stands behind them</b>
            {`${laidDown(token)}, ${notice(token.noticePeriod)} notice`}
          </span>
          <Icon name="forth" />
        </a>
        {token.balance > 0n && (
          <a class="button quiet" href={`#/redeem/${token.token}`}>
            Pay with points
          </a>
        )}
      </footer>
    </article>
  )
}

export function Standing({ token: { status, backing } }: { token: TokenView }) {
  const leaving = backing.windDownEndsAt > 0
  if (status === Status.Active && !leaving) return null
  const otherwise = status === Status.Suspended ? 'Gives out no new points; yours stay good' : 'Not in the alliance'
  return <p class="standing">{leaving ? `Is leaving; yours are good until ${day(backing.windDownEndsAt)}` : otherwise}</p>
}
