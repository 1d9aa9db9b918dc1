/** Redeeming: say what, make the code, show it to the till, and see it taken. */

import { useEffect, useState } from 'preact/hooks'
import type { Hex } from 'viem'
import type { BrandPage, Chain, OfferView, Receipt, TokenView } from './chain'
import { type Code, reference, signed, type Wish } from './code'
import type { Member, Till } from './config'
import { isToOrder, offerName } from './offers'
import { QrCode } from './qr'
import { PATIENCE } from './signing'
import { brandName, hue, Icon, Notice, type Polled, Stepper, Title, told, worth } from './ui'
import { amount, clock, parseAmount } from './words'

const GLANCE = 1_000 // milliseconds between looks at whether the till has taken it

interface Props {
  chain: Chain
  page: Polled<BrandPage>
  offerId?: Hex
  member?: Member
}

type Step =
  | { name: 'ask' }
  | { name: 'show'; code: Code; wish: Wish }
  | { name: 'late' }
  | { name: 'done'; receipt: Receipt; before: BrandPage }

export function RedeemScreen({ chain, page, offerId, member }: Props) {
  const [step, setStep] = useState<Step>({ name: 'ask' })
  const { found, trouble } = page
  const back = (
    <a class="back" href="#/">
      <Icon name="back" /> Your points
    </a>
  )
  if (!found) {
    return (
      <>
        {back}
        {trouble ? <Notice kind="trouble">{trouble}</Notice> : <p class="center quiet">One moment…</p>}
      </>
    )
  }
  const { token } = found
  const offer = found.offers.find((each) => each.offerId === offerId && !isToOrder(each))
  return (
    <>
      {back}
      {trouble && <Notice kind="trouble">{trouble}</Notice>}
      <section class="panel redeem tinted" style={`--hue: ${hue(token)}`}>
        <Title>{title(token, offer, step)}</Title>
        {step.name === 'ask' && (
          <Ask
            chain={chain}
            token={token}
            offer={offer}
            wanted={offerId !== undefined}
            member={member}
            onCode={(code, wish) => setStep({ name: 'show', code, wish })}
          />
        )}
        {step.name === 'show' && member && (
          <Show
            chain={chain}
            token={token}
            member={member}
            code={step.code}
            wish={step.wish}
            what={what(token, step.wish, offer)}
            onTaken={(receipt) => {
              page.again()
              setStep({ name: 'done', receipt, before: found })
            }}
            onLate={() => setStep({ name: 'late' })}
            onCancel={() => setStep({ name: 'ask' })}
          />
        )}
        {step.name === 'late' && (
          <>
            <Notice kind="plain">This code has run out. Nothing was taken.</Notice>
            <button type="button" class="button" onClick={() => setStep({ name: 'ask' })}>
              Make a new one
            </button>
          </>
        )}
        {step.name === 'done' && <Done token={token} receipt={step.receipt} isFresh={found !== step.before} />}
      </section>
    </>
  )
}

function title(token: TokenView, offer: OfferView | undefined, step: Step): string {
  if (step.name === 'done') return 'Thank you'
  return offer ? offerName(offer) : `Pay with ${token.name}`
}

function what(token: TokenView, wish: Wish, offer: OfferView | undefined): string {
  const most = `${amount(wish.amount, token.decimals)} ${token.symbol}`
  return wish.kind === 'offer' && offer
    ? `${wish.quantity} × ${offerName(offer)} for ${most}`
    : `${most} for your purchase`
}

// ---- saying what

interface AskProps {
  chain: Chain
  token: TokenView
  offer: OfferView | undefined
  wanted: boolean
  member: Member | undefined
  onCode: (code: Code, wish: Wish) => void
}

function Ask({ chain, token, offer, wanted, member, onCode }: AskProps) {
  const tills = chain.config.tills.filter((till) => till.token.toLowerCase() === token.token.toLowerCase())
  const [quantity, setQuantity] = useState(1)
  const [points, setPoints] = useState('')
  const [order, setOrder] = useState('')
  const [till, setTill] = useState(tills[0]?.address)
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const most = offer ? Number(offer.affordable) : 0

  if (wanted && !offer) return <Notice kind="plain">This offer is no longer there.</Notice>
  if (!member || !chain.isLocal) {
    return (
      <Notice kind="plain">
        Codes are made by whoever holds the points. Here you can only try it as one of the demonstration’s
        members: choose one at the top.
      </Notice>
    )
  }
  if (till === undefined) return <Notice kind="plain">No till of this brand takes points yet.</Notice>
  if (offer && most === 0) return <Notice kind="plain">You cannot get this right now.</Notice>

  const paid = offer ? offer.offer.conditions.price * BigInt(quantity) : parseAmount(points, token.decimals)
  const make = async (event: Event) => {
    event.preventDefault()
    const made = wish(token, till, paid, order, offer && { offer, quantity })
    if (typeof made === 'string') {
      setProblem(made)
      return
    }
    setProblem(undefined)
    setBusy(true)
    try {
      onCode(await signed(chain, member, made), made)
    } catch (error) {
      setProblem(told(error))
      setBusy(false)
    }
  }
  return (
    <form onSubmit={make} noValidate>
      {offer ? (
        <Stepper value={quantity} most={most} onChange={setQuantity} />
      ) : (
        <>
          <Field
            label={`How many ${token.name}?`}
            hint={`You have ${amount(token.balance, token.decimals)}.`}
            value={points}
            onInput={setPoints}
            inputMode="decimal"
          />
          <Field
            label="Order number"
            hint="It is on the till’s display or on your bill."
            value={order}
            onInput={setOrder}
          />
        </>
      )}
      {tills.length > 1 && (
        <label class="field">
          <span>Which till?</span>
          <select value={till} onChange={(event) => setTill(event.currentTarget.value as Till['address'])}>
            {tills.map((each) => (
              <option key={each.address} value={each.address}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
      )}
      <dl class="bill">
        <div>
          <dt>You give</dt>
          <dd data-cost>{paid === undefined ? '–' : `${amount(paid, token.decimals)} ${token.symbol}`}</dd>
        </div>
        {!offer && paid !== undefined && (
          <div>
            <dt>Off your bill</dt>
            <dd>{worth(token, (paid * token.parValue) / 10n ** BigInt(token.decimals))}</dd>
          </div>
        )}
        <div>
          <dt>You keep</dt>
          <dd>
            {paid === undefined || paid > token.balance
              ? '–'
              : `${amount(token.balance - paid, token.decimals)} ${token.symbol}`}
          </dd>
        </div>
        <div>
          <dt>At</dt>
          <dd>{tills.find((each) => each.address === till)?.name ?? brandName(token)}</dd>
        </div>
      </dl>
      {problem && <Notice kind="trouble">{problem}</Notice>}
      <button type="submit" class="button" disabled={busy}>
        Show my code
      </button>
      <p class="quiet small-print">
        {`The code is good for ${PATIENCE / 60} minutes, at this till, for exactly this. Nothing is taken before the till reads it.`}
      </p>
    </form>
  )
}

/** What the member wishes, or why that cannot be. */
function wish(
  token: TokenView,
  till: Till['address'],
  paid: bigint | undefined,
  order: string,
  chosen: { offer: OfferView; quantity: number } | undefined,
): Wish | string {
  if (paid === undefined || paid === 0n) return `Say how many ${token.name} you want to give, such as 12.`
  if (paid > token.balance) return `You have ${amount(token.balance, token.decimals)} ${token.name}: give less.`
  const shared = { token: token.token, tokenName: token.name, till, amount: paid }
  if (chosen) {
    const { offer, quantity } = chosen
    return { ...shared, kind: 'offer', version: offer.offer.version, offerId: offer.offerId, quantity }
  }
  const orderRef = reference(order)
  if (!orderRef) return 'Copy the order number from the till: 1 to 32 letters and digits.'
  return { ...shared, kind: 'par', version: token.version, orderRef }
}

function Field(props: {
  label: string
  hint: string
  value: string
  onInput: (value: string) => void
  inputMode?: 'decimal'
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        value={props.value}
        inputMode={props.inputMode ?? 'text'}
        autocomplete="off"
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <small>{props.hint}</small>
    </label>
  )
}

// ---- showing it

interface ShowProps {
  chain: Chain
  token: TokenView
  member: Member
  code: Code
  wish: Wish
  what: string
  onTaken: (receipt: Receipt) => void
  onLate: () => void
  onCancel: () => void
}

function Show({ chain, token, member, code, what, onTaken, onLate, onCancel }: ShowProps) {
  const [left, setLeft] = useState(PATIENCE)
  useEffect(() => {
    const tick = () => {
      const seconds = Math.ceil((code.until - Date.now()) / 1000)
      if (seconds <= 0) onLate()
      else setLeft(seconds)
    }
    tick()
    const timer = window.setInterval(tick, 250)
    return () => window.clearInterval(timer)
  }, [code])
  useEffect(() => {
    let over = false
    const look = async () => {
      const receipt = await chain.receipt(code.desk, token.token, member.address, code.nonce).catch(() => undefined)
      if (over) return
      if (receipt) onTaken(receipt)
      else window.setTimeout(look, GLANCE)
    }
    void look()
    return () => {
      over = true
    }
  }, [code])
  return (
    <div class="show">
      <p>Hold this up to the till’s reader.</p>
      <QrCode text={code.text} label={`QR code: ${what}`} />
      <p class="timer" role="timer" aria-label={`Good for ${clock(left)} minutes`}>
        <span class="left" style={`width: ${(100 * left) / PATIENCE}%`} />
        <span>Good for {clock(left)}</span>
      </p>
      <p class="quiet">{`It lets the till take ${what}, once.`}</p>
      <details>
        <summary>The reader does not work?</summary>
        <label class="field">
          <span>Give the till this text</span>
          <textarea readOnly rows={5} value={code.text} onFocus={(event) => event.currentTarget.select()} />
        </label>
      </details>
      <button type="button" class="button quiet" onClick={onCancel}>
        Put it away
      </button>
    </div>
  )
}

/** What is left is told once it has been read again. */
function Done({ token, receipt, isFresh }: { token: TokenView; receipt: Receipt; isFresh: boolean }) {
  return (
    <div class="done" role="status">
      <span class="tick">
        <Icon name="check" />
      </span>
      <p>
        <strong data-taken>{`${amount(receipt.amount, token.decimals)} ${token.symbol}`}</strong> given. Enjoy it!
      </p>
      <p class="quiet" data-left>
        {isFresh && `You have ${amount(token.balance, token.decimals)} ${token.name} left.`}
      </p>
      <a class="button" href="#/">
        Back to your points
      </a>
    </div>
  )
}
