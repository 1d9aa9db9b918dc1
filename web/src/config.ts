/** Where the chain is, and who may try the page out: `config.json`, made by the server from the records. */

import type { Address, Hex } from 'viem'

/** A member of the local demonstration. The key is one that everybody has. */
export interface Member {
  name: string
  address: Address
  privateKey: Hex
}

/** A till of the local demonstration, and the token it takes. */
export interface Till {
  name: string
  address: Address
  token: Address
}

export interface Config {
  chainId: number
  rpc: string
  lens: Address
  orders: Address
  groupsLens: Address
  groupDeals: Address
  groups: Address
  bargainDeals: Address
  cuts: Address
  earnings: Address
  poolsLens: Address
  /** The first block that can tell of an order. */
  startBlock: number
  members: Member[]
  tills: Till[]
}

/** Something went wrong that a person can read about. */
export class Trouble extends Error {}

/** Read the configuration. Throws Trouble. */
export async function loadConfig(): Promise<Config> {
  let answer: Response
  try {
    answer = await fetch('config.json', { cache: 'no-store' })
  } catch {
    throw new Trouble('This page’s server has stopped. Start it again with “make up”, then reload the page.')
  }
  if (!answer.ok) {
    throw new Trouble('There is nothing to show yet. Start everything with “make up”, then reload the page.')
  }
  return (await answer.json()) as Config
}
