"""The example that `ape run init` writes: it is good for the local chain as it stands."""

EXAMPLE = """\
# What this alliance should be. `ape run plan` shows how the chain differs from it, `ape run apply` makes the
# chain so, and `ape run fork` rehearses that on a copy. Whatever is on the chain and not in here is shown and
# left alone. Remove the sections that are not yours: a file may be about one brand only.

# Names for addresses, to be used below. These are the development accounts of a local chain, whose keys
# everybody has: put your own here.
accounts:
  alliance: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
  baker: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
  minter: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
  barista: "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
  anna: "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"
  judge: "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"

# Only for whoever acts for the alliance.
alliance:
  admin: alliance
  # currencies: ["0x…"]            # settlement currencies (ERC-20)
  arbiters: [judge]                # who may decide disputes
  # attesters: ["0x…"]             # who may vouch that people are different ones

brands:
  corner-bakery:                   # the label under which the brand is registered, for good
    admin: baker                   # who decides for it
    guardian: anna                 # who may bring it back when the admin's key is lost
    profile: https://bakery.example/brand.json
    # campaigner: minter           # who signs offers and deals, if not the admin; needs the role campaign
    managers:
      minter: campaign             # fulfil, campaign, settle, with commas between; none dismisses
    token:
      symbol: CRUMB                # symbol, name, decimals, currency and par are for good
      name: Corner Bakery Points
      decimals: 2
      # currency: "0x…"            # what it is settled in; not needed if only one is listed
      par: 0.01                    # what a whole token is worth in the currency
      capacity: 1000000            # the most that may be outstanding: less at once, more after notice
      terms_text: Worth a cent each in our shops.  # or `terms: terms.pdf`, a document beside this file
      terms_uri: https://bakery.example/terms
      notice: 14 days              # how long worse terms wait
      # bond_ratio: 10%            # what part of everything outstanding the holders' purse must cover
      quotas:
        minter: 50000              # granted in all, ever: more lets the account mint more
      # bond:                      # at least so much of the currency in each purse
      #   payer: baker             # who pays what is missing; the admin if not given
      #   settlement: 500
      #   holders: 500
      #   compensation: 100
      offers:
        - name: croissant          # taken at the counter
          title: A croissant
          price: 250
          stock: 10000
        - name: cake               # ordered, and delivered
          title: A birthday cake
          price: 4000
          stock: 100
          closes: 2099-01-01
          deliver_in: 5 days
          stake: 10                # what a dispute costs if it turns out wrong, in percent of the price
          # compensation: 5.00     # for one unit if the brand fails
          arbiter: judge
      rights:                      # leave to open groups and bargains
        - name: host
          title: Host a coffee group
          price: 50
          supply: 200
      groups:                      # the more seats, the lower the price; published for good
        - name: coffee
          title: A kilo of house coffee
          tiers:
            - {seats: 3, price: 900}
            - {seats: 8, price: 720}
          most_seats: 10
          groups: 50
          closes: 2099-01-01
          lasts: 3 days
          cutoff: 12 hours         # before its end, from when on nobody can leave
          deliver_in: 10 days
          arbiter: judge
          right: host
      # bargains: …                # kind haggle or cut; see docs/cli.md
      campaigns:                   # what members are paid for; never changes
        - name: spring-visit
          title: Come and see our garden
          kind: visit              # view, visit, review, survey, focus-group, data or custom
          reward: 0.50
          member_cap: 5            # the most rewards of one member, and of them on one day
          day_cap: 1
          closes: 2099-01-01
          purses:                  # whose signature makes an action count, and what it is given in all, ever
            minter: 250
      referrals:                   # who brings members gets a share; one programme after another
        - number: 1
          title: Bring a friend
          first: 5%                # of what the friend buys
          second: 1%               # of what the friend's friends buy
          count: counter, order    # and purchase, with an attester who signs them
          cap: 100                 # the most that one member gets
          opens: 2026-01-01
          closes: 2099-01-01
          budget: 1000             # given in all, ever

  corner-cafe:
    admin: barista
    token:
      symbol: BEAN
      name: Corner Café Points
      decimals: 0
      par: 0.05
      capacity: 200000
      terms_text: Worth five cents each in our café.

pools:
  corner:                          # brands that accept one another's tokens
    steward: alliance              # who sets bounds
    period: 30 days
    payment: 14 days
    leverage: 100                  # how much a brand may owe for what it laid down, in percent
    members:
      CRUMB: {limit: 5000, provide: 5000, fee: 0.25%, slope: 2%}
      BEAN: {limit: 1000, provide: 1000, daily: 200, fee: 0.25%, slope: 2%}  # bond: 50 would answer for debts
"""
