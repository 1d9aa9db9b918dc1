/** The page: who looks, and which screen. */

import { useEffect, useMemo, useState } from 'preact/hooks'
import { type Address, type Hex, isAddress, isHex, zeroAddress } from 'viem'
import { BargainScreen } from './bargain'
import { BrandScreen } from './brand'
import { Chain } from './chain'
import { type Config, loadConfig } from './config'
import { EarnedScreen } from './earning'
import { dealOf, GroupScreen, GroupsScreen } from './groups'
import { RedeemScreen } from './redeem'
import { SwapScreen } from './swapping'
import { linkAccount } from './signing'
import { Mark, Notice, told, usePolled } from './ui'
import { WalletScreen } from './wallet'

const EVERY = 4_000 // milliseconds
const BRANDS = 50
const REMEMBERED = 'member'
const OTHER = 'other'

type Route =
  | { screen: 'wallet' }
  | { screen: 'brand'; token: Address }
  | { screen: 'redeem'; token: Address; offerId?: Hex }
  | { screen: 'swap'; token?: Address }
  | { screen: 'groups' }
  | { screen: 'earned'; token: Address; period: number; key?: Hex }
  | { screen: 'bargain'; token: Address; dealId: Hex; number: Hex }
  | { screen: 'group'; token: Address; groupId: Hex; referrer?: Address }

export function App() {
  const [config, setConfig] = useState<Config>()
  const [trouble, setTrouble] = useState<string>()
  useEffect(() => {
    loadConfig().then(setConfig, (error) => setTrouble(told(error)))
  }, [])
  const chain = useMemo(() => config && new Chain(config), [config])
  if (!chain) {
    return (
      <main class="center">{trouble && <Notice kind="trouble">{trouble}</Notice>}</main>
    )
  }
  return <Page chain={chain} />
}

function Page({ chain }: { chain: Chain }) {
  const { members } = chain.config
  const route = useRoute()
  const [member, setMember] = useState<Address | undefined>(() => remembered(chain.config))
  const known = members.find((each) => each.address === member)
  const choose = (address: Address) => {
    localStorage.setItem(REMEMBERED, address)
    setMember(address)
  }
  return (
    <>
      <a class="skip" href="#content">
        To the content
      </a>
      <header class="top">
        <a class="logo" href="#/" aria-label="Symbolon, your points">
          <Mark />
          <span>Symbolon</span>
        </a>
        <Who config={chain.config} member={member} onChoose={choose} />
      </header>
      <main id="content">
        {route.screen === 'wallet' ? (
          <WalletRoute chain={chain} member={member} />
        ) : route.screen === 'swap' ? (
          <SwapRoute key={JSON.stringify([route, member])} chain={chain} member={member} known={known} token={route.token} />
        ) : route.screen === 'groups' ? (
          <GroupsRoute chain={chain} member={member} />
        ) : route.screen === 'group' ? (
          <GroupRoute key={JSON.stringify([route, member])} chain={chain} member={member} known={known} route={route} />
        ) : route.screen === 'earned' ? (
          <EarnedRoute key={JSON.stringify([route, member])} chain={chain} member={member} known={known} route={route} />
        ) : route.screen === 'bargain' ? (
          <BargainRoute chain={chain} route={route} />
        ) : (
          <TokenRoute key={JSON.stringify([route, member])} chain={chain} member={member} known={known} route={route} />
        )}
      </main>
    </>
  )
}

function WalletRoute({ chain, member }: { chain: Chain; member: Address | undefined }) {
  const [brands, setBrands] = useState(BRANDS)
  const wallet = usePolled(
    async () => (member ? chain.wallet(member, brands) : { lines: [], total: 0 }),
    EVERY,
    [chain, member, brands],
  )
  return (
    <WalletScreen wallet={wallet} more={() => setBrands(brands + BRANDS)} />
  )
}

function SwapRoute(props: {
  chain: Chain
  member: Address | undefined
  known: Config['members'][number] | undefined
  token: Address | undefined
}) {
  const { chain, member, known, token } = props
  const pools = usePolled(async () => (member ? chain.swaps(member) : []), EVERY, [chain, member])
  return <SwapScreen chain={chain} pools={pools} token={token} member={known} />
}

function GroupsRoute({ chain, member }: { chain: Chain; member: Address | undefined }) {
  const [now, setNow] = useState(() => Math.floor(Date.now() / 1000))
  const together = usePolled(
    async () => {
      const [found, time] = await Promise.all([chain.together(member), chain.now()])
      setNow(time)
      return found
    },
    EVERY,
    [chain, member],
  )
  return <GroupsScreen together={together} now={now} />
}

function BargainRoute({ chain, route }: { chain: Chain; route: Extract<Route, { screen: 'bargain' }> }) {
  const { token, dealId, number } = route
  const bargain = usePolled(() => chain.bargain(token, dealId, BigInt(number)), EVERY, [chain, token, dealId, number])
  return <BargainScreen bargain={bargain} />
}

function EarnedRoute(props: {
  chain: Chain
  member: Address | undefined
  known: Config['members'][number] | undefined
  route: Extract<Route, { screen: 'earned' }>
}) {
  const { chain, member, known, route } = props
  const page = usePolled(
    async () => {
      const account = route.key ? linkAccount(route.key) : (member ?? zeroAddress)
      const [{ token }, [earned], now] = await Promise.all([
        chain.brandPage(route.token, undefined),
        chain.earned(route.token, account, route.period),
        chain.now(),
      ])
      return { token, earned, now }
    },
    EVERY,
    [chain, member, route.token, route.period, route.key],
  )
  return <EarnedScreen chain={chain} page={page} linkKey={route.key} member={known} />
}

function GroupRoute(props: {
  chain: Chain
  member: Address | undefined
  known: Config['members'][number] | undefined
  route: Extract<Route, { screen: 'group' }>
}) {
  const { chain, member, known, route } = props
  const [now, setNow] = useState(() => Math.floor(Date.now() / 1000))
  const joined = usePolled(
    async () => {
      const { token, groupId } = route
      const [found, time] = await Promise.all([chain.group(member, token, groupId, dealOf(groupId)), chain.now()])
      setNow(time)
      return found
    },
    EVERY,
    [chain, member, route.token, route.groupId],
  )
  return <GroupScreen chain={chain} joined={joined} referrer={route.referrer} member={known} now={now} />
}

function TokenRoute(props: {
  chain: Chain
  member: Address | undefined
  known: Config['members'][number] | undefined
  route: Extract<Route, { screen: 'brand' | 'redeem' }>
}) {
  const { chain, member, known, route } = props
  const [now, setNow] = useState(() => Math.floor(Date.now() / 1000))
  const page = usePolled(
    async () => {
      const isBrand = route.screen === 'brand'
      const [found, orders, pools, together, earned, time] = await Promise.all([
        chain.brandPage(route.token, member),
        isBrand && member ? chain.orders(route.token, member) : [],
        isBrand ? chain.standing(route.token) : [],
        isBrand ? chain.together(member, route.token) : undefined,
        isBrand && member ? chain.toClaim(route.token, member) : [],
        chain.now(),
      ])
      setNow(time)
      return { ...found, orders, pools, deals: together?.deals ?? [], earned }
    },
    EVERY,
    [chain, member, route.token, route.screen],
  )
  return route.screen === 'brand' ? (
    <BrandScreen page={page} now={now} />
  ) : (
    <RedeemScreen chain={chain} page={page} offerId={route.offerId} member={known} />
  )
}

function Who(props: { config: Config; member: Address | undefined; onChoose: (address: Address) => void }) {
  const { config, member, onChoose } = props
  const isKnown = config.members.some((each) => each.address === member)
  const [asking, setAsking] = useState(member === undefined)
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string>()
  const look = (event: Event) => {
    event.preventDefault()
    const address = text.trim()
    if (!isAddress(address)) {
      setProblem('This is no member’s address. Copy it again, all of it.')
      return
    }
    setProblem(undefined)
    setAsking(false)
    onChoose(address)
  }
  return (
    <div class="who">
      <label>
        <span class="unseen">Whose points?</span>
        <select
          value={asking ? OTHER : member}
          onChange={(event) => {
            const chosen = event.currentTarget.value
            setAsking(chosen === OTHER)
            if (chosen !== OTHER) onChoose(chosen as Address)
          }}
        >
          {config.members.map((each) => (
            <option key={each.address} value={each.address}>
              {each.name}
            </option>
          ))}
          {member && !isKnown && <option value={member}>The pasted one</option>}
          <option value={OTHER}>Someone else</option>
        </select>
      </label>
      {asking && (
        <form class="other" onSubmit={look} noValidate>
          <label class="field">
            <span>Member’s address</span>
            <input
              value={text}
              autocomplete="off"
              spellcheck={false}
              aria-invalid={problem !== undefined}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="button small">
            Show
          </button>
          {problem && <Notice kind="trouble">{problem}</Notice>}
        </form>
      )}
    </div>
  )
}

function remembered(config: Config): Address | undefined {
  const address = localStorage.getItem(REMEMBERED)
  return address && isAddress(address) ? address : config.members[0]?.address
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => parse(location.hash))
  useEffect(() => {
    const turn = () => {
      if (location.hash === '#content') return
      setRoute(parse(location.hash))
      scrollTo(0, 0)
    }
    addEventListener('hashchange', turn)
    return () => removeEventListener('hashchange', turn)
  }, [])
  return route
}

function parse(hash: string): Route {
  const [, screen, token, offerId, referrer] = hash.split('/')
  if (screen === 'groups') return { screen }
  if (screen === 'swap' && !token) return { screen }
  if (!token || !isAddress(token, { strict: false })) return { screen: 'wallet' }
  if (screen === 'swap') return { screen, token }
  if (screen === 'brand') return { screen, token }
  if (screen === 'redeem') return isHex(offerId) ? { screen, token, offerId } : { screen, token }
  if (screen === 'earned' && /^\d{1,10}$/.test(offerId ?? '')) {
    const key = isHex(referrer) && referrer.length === 66 ? { key: referrer } : {}
    return { screen, token, period: Number(offerId), ...key }
  }
  if (screen === 'bargain' && isHex(offerId) && isHex(referrer)) {
    return { screen, token, dealId: offerId, number: referrer }
  }
  if (screen === 'group' && isHex(offerId) && offerId.length === 66) {
    const who = referrer && isAddress(referrer, { strict: false }) ? { referrer } : {}
    return { screen, token, groupId: offerId, ...who }
  }
  return { screen: 'wallet' }
}
