/** What a member ordered at a brand and still waits for: where it stands, and what happens next. */

import { type Order, OrderState, type Shop, type TokenView } from './chain'
import { isToOrder, offerName } from './offers'
import { worth } from './ui'
import { amount, label, moment } from './words'

export function Orders({ page, now }: { page: Shop; now: number }) {
  const { token, offers, orders } = page
  if (orders.length === 0) return null
  const name = ({ offerId }: Order) => {
    const offer = offers.find((each) => each.offerId === offerId && isToOrder(each))
    return offer ? offerName(offer) : (label(offerId) ?? 'Something without a name')
  }
  return (
    <section class="panel" aria-labelledby="ordered">
      <h2 id="ordered">Your orders</h2>
      <ul class="offers">
        {orders.map((order) => (
          <li key={`${order.offerId}/${order.number}`} class="offer" data-order={order.number.toString()}>
            <div class="what">
              <h3>
                {order.quantity > 1 && `${order.quantity} × `}
                {name(order)}
              </h3>
              <p class="price">{points(token, order.amount)}</p>
              <p>{stands(token, order, now)}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

function stands(token: TokenView, order: Order, now: number): string {
  const isOver = now >= order.deadline
  const until = moment(order.deadline)
  switch (order.state) {
    case OrderState.Delivered:
      return isOver
        ? 'The shop says that it came, and you did not object: it counts as delivered.'
        : `The shop says that it came. If it did not, object by ${until}.`
    case OrderState.Disputed:
      return isOver
        ? `Nobody decided in time: ${back(token, order)} are yours as soon as anybody claims them.`
        : `You objected. If nobody decides by ${until}, you get ${back(token, order, ' back')}.`
    default:
      return isOver
        ? `It did not come in time: ${back(token, order)} are yours as soon as anybody claims them.`
        : `It comes by ${until}. If it does not, you get ${back(token, order, ' back')}.`
  }
}

/** All that a member gets where the shop or the arbiter keeps silent. */
function back(token: TokenView, order: Order, how = ''): string {
  const stake = order.state === OrderState.Disputed ? order.stake : 0n
  const money = order.compensation > 0n ? ` and ${worth(token, order.compensation)}` : ''
  return points(token, order.amount + stake) + how + money
}

function points(token: TokenView, units: bigint): string {
  return `${amount(units, token.decimals)} ${token.symbol}`
}
