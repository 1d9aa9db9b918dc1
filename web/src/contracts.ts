// Generated from the build by `python -m symbolon.exports`: do not edit.
/** ABI of AllianceLens. */
export const allianceLensAbi = [
  {
    "type": "constructor",
    "inputs": [
      {
        "name": "brandRegistry",
        "type": "address",
        "internalType": "contract IBrandRegistry"
      },
      {
        "name": "obligationRegistry",
        "type": "address",
        "internalType": "contract IObligationRegistry"
      },
      {
        "name": "bonds",
        "type": "address",
        "internalType": "contract IBonds"
      },
      {
        "name": "orders",
        "type": "address",
        "internalType": "contract IOrders"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "BONDS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IBonds"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "BRAND_REGISTRY",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IBrandRegistry"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "MAX_SCANNED",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "MAX_SUMMED",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "OBLIGATION_REGISTRY",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IObligationRegistry"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "ORDERS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IOrders"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "brandPageOf",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "member",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "skipped",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "count",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [
      {
        "name": "page",
        "type": "tuple",
        "internalType": "struct IAllianceLens.BrandPage",
        "components": [
          {
            "name": "brand",
            "type": "tuple",
            "internalType": "struct IBrandRegistry.Brand",
            "components": [
              {
                "name": "status",
                "type": "uint8",
                "internalType": "enum IBrandRegistry.Status"
              },
              {
                "name": "admin",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "pendingAdmin",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "guardian",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "pendingGuardian",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "guardianChangeAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "profileURI",
                "type": "string",
                "internalType": "string"
              }
            ]
          },
          {
            "name": "token",
            "type": "tuple",
            "internalType": "struct IAllianceLens.TokenView",
            "components": [
              {
                "name": "token",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "brandId",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "status",
                "type": "uint8",
                "internalType": "enum IBrandRegistry.Status"
              },
              {
                "name": "name",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "symbol",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "decimals",
                "type": "uint8",
                "internalType": "uint8"
              },
              {
                "name": "contractURI",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "currency",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "currencySymbol",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "currencyDecimals",
                "type": "uint8",
                "internalType": "uint8"
              },
              {
                "name": "parValue",
                "type": "uint96",
                "internalType": "uint96"
              },
              {
                "name": "version",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "noticePeriod",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "supply",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "promised",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "capacity",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "mintStopped",
                "type": "bool",
                "internalType": "bool"
              },
              {
                "name": "backing",
                "type": "tuple",
                "internalType": "struct IAllianceLens.Backing",
                "components": [
                  {
                    "name": "owed",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "held",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "coverageBps",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "requiredBps",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "cureBy",
                    "type": "uint40",
                    "internalType": "uint40"
                  },
                  {
                    "name": "windDownEndsAt",
                    "type": "uint40",
                    "internalType": "uint40"
                  }
                ]
              },
              {
                "name": "balance",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "value",
                "type": "uint256",
                "internalType": "uint256"
              }
            ]
          },
          {
            "name": "obligation",
            "type": "tuple",
            "internalType": "struct IObligationRegistry.Obligation",
            "components": [
              {
                "name": "brandId",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "currency",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "parValue",
                "type": "uint96",
                "internalType": "uint96"
              },
              {
                "name": "version",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "worsenedVersion",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "terms",
                "type": "tuple",
                "internalType": "struct IObligationRegistry.Terms",
                "components": [
                  {
                    "name": "termsHash",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "noticePeriod",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "bondBps",
                    "type": "uint16",
                    "internalType": "uint16"
                  },
                  {
                    "name": "termsURI",
                    "type": "string",
                    "internalType": "string"
                  }
                ]
              },
              {
                "name": "pendingTerms",
                "type": "tuple",
                "internalType": "struct IObligationRegistry.Terms",
                "components": [
                  {
                    "name": "termsHash",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "noticePeriod",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "bondBps",
                    "type": "uint16",
                    "internalType": "uint16"
                  },
                  {
                    "name": "termsURI",
                    "type": "string",
                    "internalType": "string"
                  }
                ]
              },
              {
                "name": "termsChangeAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "pendingCapacity",
                "type": "uint96",
                "internalType": "uint96"
              },
              {
                "name": "capacityChangeAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "windDownStartsAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "windDownEndsAt",
                "type": "uint40",
                "internalType": "uint40"
              }
            ]
          },
          {
            "name": "purses",
            "type": "tuple[]",
            "internalType": "struct IBonds.PurseView[]",
            "components": [
              {
                "name": "value",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "allotted",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "required",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "withdrawal",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "withdrawableAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "withdrawableUntil",
                "type": "uint40",
                "internalType": "uint40"
              }
            ]
          },
          {
            "name": "delivery",
            "type": "tuple",
            "internalType": "struct IFulfilment.Record",
            "components": [
              {
                "name": "open",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "fulfilled",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "declined",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "failed",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "lost",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "disputed",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "compensationPaid",
                "type": "uint256",
                "internalType": "uint256"
              }
            ]
          },
          {
            "name": "offersAtCounter",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "offersToOrder",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "offers",
            "type": "tuple[]",
            "internalType": "struct IAllianceLens.OfferView[]",
            "components": [
              {
                "name": "desk",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "offerId",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "offer",
                "type": "tuple",
                "internalType": "struct IOffers.Offer",
                "components": [
                  {
                    "name": "version",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "worsenedVersion",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "sold",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "conditions",
                    "type": "tuple",
                    "internalType": "struct IOffers.Conditions",
                    "components": [
                      {
                        "name": "price",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "stock",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "memberLimit",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "opensAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "closesAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "fulfilDays",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "stakePercent",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "compensation",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "arbiter",
                        "type": "address",
                        "internalType": "address"
                      }
                    ]
                  },
                  {
                    "name": "termsHash",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "termsURI",
                    "type": "string",
                    "internalType": "string"
                  },
                  {
                    "name": "changeAt",
                    "type": "uint40",
                    "internalType": "uint40"
                  },
                  {
                    "name": "pendingConditions",
                    "type": "tuple",
                    "internalType": "struct IOffers.Conditions",
                    "components": [
                      {
                        "name": "price",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "stock",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "memberLimit",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "opensAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "closesAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "fulfilDays",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "stakePercent",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "compensation",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "arbiter",
                        "type": "address",
                        "internalType": "address"
                      }
                    ]
                  },
                  {
                    "name": "pendingTermsHash",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "pendingTermsURI",
                    "type": "string",
                    "internalType": "string"
                  }
                ]
              },
              {
                "name": "left",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "memberLeft",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "affordable",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "compensation",
                "type": "uint256",
                "internalType": "uint256"
              }
            ]
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "deliveryOf",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "skipped",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "count",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [
      {
        "name": "sum",
        "type": "tuple",
        "internalType": "struct IFulfilment.Record",
        "components": [
          {
            "name": "open",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "fulfilled",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "declined",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "failed",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "lost",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "disputed",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "compensationPaid",
            "type": "uint256",
            "internalType": "uint256"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "ordersOf",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "keys",
        "type": "tuple[]",
        "internalType": "struct IAllianceLens.OrderKey[]",
        "components": [
          {
            "name": "offerId",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "number",
            "type": "uint256",
            "internalType": "uint256"
          }
        ]
      }
    ],
    "outputs": [
      {
        "name": "orders",
        "type": "tuple[]",
        "internalType": "struct IAllianceLens.OrderView[]",
        "components": [
          {
            "name": "state",
            "type": "uint8",
            "internalType": "enum IFulfilment.State"
          },
          {
            "name": "deadline",
            "type": "uint40",
            "internalType": "uint40"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "walletOf",
    "inputs": [
      {
        "name": "member",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "from",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "count",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "maxOffers",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [
      {
        "name": "lines",
        "type": "tuple[]",
        "internalType": "struct IAllianceLens.WalletLine[]",
        "components": [
          {
            "name": "token",
            "type": "tuple",
            "internalType": "struct IAllianceLens.TokenView",
            "components": [
              {
                "name": "token",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "brandId",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "status",
                "type": "uint8",
                "internalType": "enum IBrandRegistry.Status"
              },
              {
                "name": "name",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "symbol",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "decimals",
                "type": "uint8",
                "internalType": "uint8"
              },
              {
                "name": "contractURI",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "currency",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "currencySymbol",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "currencyDecimals",
                "type": "uint8",
                "internalType": "uint8"
              },
              {
                "name": "parValue",
                "type": "uint96",
                "internalType": "uint96"
              },
              {
                "name": "version",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "noticePeriod",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "supply",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "promised",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "capacity",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "mintStopped",
                "type": "bool",
                "internalType": "bool"
              },
              {
                "name": "backing",
                "type": "tuple",
                "internalType": "struct IAllianceLens.Backing",
                "components": [
                  {
                    "name": "owed",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "held",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "coverageBps",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "requiredBps",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "cureBy",
                    "type": "uint40",
                    "internalType": "uint40"
                  },
                  {
                    "name": "windDownEndsAt",
                    "type": "uint40",
                    "internalType": "uint40"
                  }
                ]
              },
              {
                "name": "balance",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "value",
                "type": "uint256",
                "internalType": "uint256"
              }
            ]
          },
          {
            "name": "offers",
            "type": "tuple[]",
            "internalType": "struct IAllianceLens.OfferView[]",
            "components": [
              {
                "name": "desk",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "offerId",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "offer",
                "type": "tuple",
                "internalType": "struct IOffers.Offer",
                "components": [
                  {
                    "name": "version",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "worsenedVersion",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "sold",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "conditions",
                    "type": "tuple",
                    "internalType": "struct IOffers.Conditions",
                    "components": [
                      {
                        "name": "price",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "stock",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "memberLimit",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "opensAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "closesAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "fulfilDays",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "stakePercent",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "compensation",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "arbiter",
                        "type": "address",
                        "internalType": "address"
                      }
                    ]
                  },
                  {
                    "name": "termsHash",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "termsURI",
                    "type": "string",
                    "internalType": "string"
                  },
                  {
                    "name": "changeAt",
                    "type": "uint40",
                    "internalType": "uint40"
                  },
                  {
                    "name": "pendingConditions",
                    "type": "tuple",
                    "internalType": "struct IOffers.Conditions",
                    "components": [
                      {
                        "name": "price",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "stock",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "memberLimit",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "opensAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "closesAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "fulfilDays",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "stakePercent",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "compensation",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "arbiter",
                        "type": "address",
                        "internalType": "address"
                      }
                    ]
                  },
                  {
                    "name": "pendingTermsHash",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "pendingTermsURI",
                    "type": "string",
                    "internalType": "string"
                  }
                ]
              },
              {
                "name": "left",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "memberLeft",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "affordable",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "compensation",
                "type": "uint256",
                "internalType": "uint256"
              }
            ]
          }
        ]
      },
      {
        "name": "total",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "walletOf",
    "inputs": [
      {
        "name": "member",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "tokens",
        "type": "address[]",
        "internalType": "address[]"
      },
      {
        "name": "maxOffers",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [
      {
        "name": "lines",
        "type": "tuple[]",
        "internalType": "struct IAllianceLens.WalletLine[]",
        "components": [
          {
            "name": "token",
            "type": "tuple",
            "internalType": "struct IAllianceLens.TokenView",
            "components": [
              {
                "name": "token",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "brandId",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "status",
                "type": "uint8",
                "internalType": "enum IBrandRegistry.Status"
              },
              {
                "name": "name",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "symbol",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "decimals",
                "type": "uint8",
                "internalType": "uint8"
              },
              {
                "name": "contractURI",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "currency",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "currencySymbol",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "currencyDecimals",
                "type": "uint8",
                "internalType": "uint8"
              },
              {
                "name": "parValue",
                "type": "uint96",
                "internalType": "uint96"
              },
              {
                "name": "version",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "noticePeriod",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "supply",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "promised",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "capacity",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "mintStopped",
                "type": "bool",
                "internalType": "bool"
              },
              {
                "name": "backing",
                "type": "tuple",
                "internalType": "struct IAllianceLens.Backing",
                "components": [
                  {
                    "name": "owed",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "held",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "coverageBps",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "requiredBps",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "cureBy",
                    "type": "uint40",
                    "internalType": "uint40"
                  },
                  {
                    "name": "windDownEndsAt",
                    "type": "uint40",
                    "internalType": "uint40"
                  }
                ]
              },
              {
                "name": "balance",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "value",
                "type": "uint256",
                "internalType": "uint256"
              }
            ]
          },
          {
            "name": "offers",
            "type": "tuple[]",
            "internalType": "struct IAllianceLens.OfferView[]",
            "components": [
              {
                "name": "desk",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "offerId",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "offer",
                "type": "tuple",
                "internalType": "struct IOffers.Offer",
                "components": [
                  {
                    "name": "version",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "worsenedVersion",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "sold",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "conditions",
                    "type": "tuple",
                    "internalType": "struct IOffers.Conditions",
                    "components": [
                      {
                        "name": "price",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "stock",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "memberLimit",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "opensAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "closesAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "fulfilDays",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "stakePercent",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "compensation",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "arbiter",
                        "type": "address",
                        "internalType": "address"
                      }
                    ]
                  },
                  {
                    "name": "termsHash",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "termsURI",
                    "type": "string",
                    "internalType": "string"
                  },
                  {
                    "name": "changeAt",
                    "type": "uint40",
                    "internalType": "uint40"
                  },
                  {
                    "name": "pendingConditions",
                    "type": "tuple",
                    "internalType": "struct IOffers.Conditions",
                    "components": [
                      {
                        "name": "price",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "stock",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "memberLimit",
                        "type": "uint32",
                        "internalType": "uint32"
                      },
                      {
                        "name": "opensAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "closesAt",
                        "type": "uint40",
                        "internalType": "uint40"
                      },
                      {
                        "name": "fulfilDays",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "stakePercent",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "compensation",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "arbiter",
                        "type": "address",
                        "internalType": "address"
                      }
                    ]
                  },
                  {
                    "name": "pendingTermsHash",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "pendingTermsURI",
                    "type": "string",
                    "internalType": "string"
                  }
                ]
              },
              {
                "name": "left",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "memberLeft",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "affordable",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "compensation",
                "type": "uint256",
                "internalType": "uint256"
              }
            ]
          }
        ]
      }
    ],
    "stateMutability": "view"
  }
] as const;

/** Where a token redeems. */
export const loyaltyTokenAbi = [
  {
    "type": "function",
    "name": "redemptionDesk",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "view"
  }
] as const;

/** What was redeemed. */
export const redemptionsAbi = [
  {
    "type": "function",
    "name": "receiptOf",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "member",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "nonce",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "tuple",
        "internalType": "struct IReceipts.Receipt",
        "components": [
          {
            "name": "kind",
            "type": "uint8",
            "internalType": "enum IReceipts.Kind"
          },
          {
            "name": "tag",
            "type": "bytes10",
            "internalType": "bytes10"
          },
          {
            "name": "quantity",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "redeemedAt",
            "type": "uint40",
            "internalType": "uint40"
          },
          {
            "name": "amount",
            "type": "uint96",
            "internalType": "uint96"
          }
        ]
      }
    ],
    "stateMutability": "view"
  }
] as const;

/** What was ordered. */
export const ordersAbi = [
  {
    "type": "event",
    "name": "OrderOpened",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "offerId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "member",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "number",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "quantity",
        "type": "uint32",
        "indexed": false,
        "internalType": "uint32"
      },
      {
        "name": "amount",
        "type": "uint96",
        "indexed": false,
        "internalType": "uint96"
      },
      {
        "name": "compensation",
        "type": "uint96",
        "indexed": false,
        "internalType": "uint96"
      },
      {
        "name": "stake",
        "type": "uint96",
        "indexed": false,
        "internalType": "uint96"
      },
      {
        "name": "arbiter",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "fulfilBy",
        "type": "uint40",
        "indexed": false,
        "internalType": "uint40"
      },
      {
        "name": "orderRef",
        "type": "bytes32",
        "indexed": false,
        "internalType": "bytes32"
      }
    ],
    "anonymous": false
  }
] as const;

/** ABI of PoolsLens. */
export const poolsLensAbi = [
  {
    "type": "constructor",
    "inputs": [
      {
        "name": "pools",
        "type": "address",
        "internalType": "contract IPools"
      },
      {
        "name": "swaps",
        "type": "address",
        "internalType": "contract ISwaps"
      },
      {
        "name": "settlements",
        "type": "address",
        "internalType": "contract ISettlements"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "POOLS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IPools"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "SETTLEMENTS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract ISettlements"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "SWAPS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract ISwaps"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "positionsOf",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "from",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "count",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "periods",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [
      {
        "name": "positions",
        "type": "tuple[]",
        "internalType": "struct IPoolsLens.BrandPool[]",
        "components": [
          {
            "name": "pool",
            "type": "tuple",
            "internalType": "struct IPoolsLens.PoolView",
            "components": [
              {
                "name": "pool",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "rules",
                "type": "tuple",
                "internalType": "struct IPools.Rules",
                "components": [
                  {
                    "name": "market",
                    "type": "address",
                    "internalType": "address"
                  },
                  {
                    "name": "currency",
                    "type": "address",
                    "internalType": "address"
                  },
                  {
                    "name": "periodLength",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "paymentTime",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "leverage",
                    "type": "uint16",
                    "internalType": "uint16"
                  }
                ]
              },
              {
                "name": "steward",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "currencySymbol",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "currencyDecimals",
                "type": "uint8",
                "internalType": "uint8"
              },
              {
                "name": "period",
                "type": "tuple",
                "internalType": "struct ISwaps.Period",
                "components": [
                  {
                    "name": "number",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "startedAt",
                    "type": "uint40",
                    "internalType": "uint40"
                  },
                  {
                    "name": "closesAt",
                    "type": "uint40",
                    "internalType": "uint40"
                  },
                  {
                    "name": "allianceFee",
                    "type": "uint16",
                    "internalType": "uint16"
                  },
                  {
                    "name": "prepaid",
                    "type": "uint128",
                    "internalType": "uint128"
                  }
                ]
              },
              {
                "name": "sides",
                "type": "tuple[]",
                "internalType": "struct IPoolsLens.Side[]",
                "components": [
                  {
                    "name": "token",
                    "type": "address",
                    "internalType": "address"
                  },
                  {
                    "name": "brandId",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "name",
                    "type": "string",
                    "internalType": "string"
                  },
                  {
                    "name": "symbol",
                    "type": "string",
                    "internalType": "string"
                  },
                  {
                    "name": "contractURI",
                    "type": "string",
                    "internalType": "string"
                  },
                  {
                    "name": "position",
                    "type": "tuple",
                    "internalType": "struct ISwaps.Position",
                    "components": [
                      {
                        "name": "joined",
                        "type": "bool",
                        "internalType": "bool"
                      },
                      {
                        "name": "stopped",
                        "type": "bool",
                        "internalType": "bool"
                      },
                      {
                        "name": "suspended",
                        "type": "bool",
                        "internalType": "bool"
                      },
                      {
                        "name": "decimals",
                        "type": "uint8",
                        "internalType": "uint8"
                      },
                      {
                        "name": "parValue",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "provided",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "net",
                        "type": "int256",
                        "internalType": "int256"
                      },
                      {
                        "name": "ceiling",
                        "type": "uint96",
                        "internalType": "uint96"
                      },
                      {
                        "name": "baseFee",
                        "type": "uint24",
                        "internalType": "uint24"
                      },
                      {
                        "name": "feeSlope",
                        "type": "uint24",
                        "internalType": "uint24"
                      },
                      {
                        "name": "leftToday",
                        "type": "uint256",
                        "internalType": "uint256"
                      }
                    ]
                  },
                  {
                    "name": "room",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "available",
                    "type": "uint256",
                    "internalType": "uint256"
                  },
                  {
                    "name": "balance",
                    "type": "uint256",
                    "internalType": "uint256"
                  }
                ]
              }
            ]
          },
          {
            "name": "membership",
            "type": "tuple",
            "internalType": "struct IPools.Membership",
            "components": [
              {
                "name": "joined",
                "type": "bool",
                "internalType": "bool"
              },
              {
                "name": "boundsChangeAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "bounds",
                "type": "tuple",
                "internalType": "struct IPools.Bounds",
                "components": [
                  {
                    "name": "limit",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "outflowCap",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "dailyCap",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "baseFee",
                    "type": "uint24",
                    "internalType": "uint24"
                  },
                  {
                    "name": "feeSlope",
                    "type": "uint24",
                    "internalType": "uint24"
                  }
                ]
              },
              {
                "name": "pendingBounds",
                "type": "tuple",
                "internalType": "struct IPools.Bounds",
                "components": [
                  {
                    "name": "limit",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "outflowCap",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "dailyCap",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "baseFee",
                    "type": "uint24",
                    "internalType": "uint24"
                  },
                  {
                    "name": "feeSlope",
                    "type": "uint24",
                    "internalType": "uint24"
                  }
                ]
              }
            ]
          },
          {
            "name": "account",
            "type": "tuple",
            "internalType": "struct ISettlements.Account",
            "components": [
              {
                "name": "bond",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "unpaid",
                "type": "uint128",
                "internalType": "uint128"
              }
            ]
          },
          {
            "name": "debt",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "credit",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "settlements",
            "type": "tuple[]",
            "internalType": "struct IPoolsLens.SettlementView[]",
            "components": [
              {
                "name": "period",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "settlementId",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "settlement",
                "type": "tuple",
                "internalType": "struct ISettlements.Settlement",
                "components": [
                  {
                    "name": "currency",
                    "type": "address",
                    "internalType": "address"
                  },
                  {
                    "name": "dueAt",
                    "type": "uint40",
                    "internalType": "uint40"
                  },
                  {
                    "name": "total",
                    "type": "uint128",
                    "internalType": "uint128"
                  },
                  {
                    "name": "received",
                    "type": "uint128",
                    "internalType": "uint128"
                  }
                ]
              },
              {
                "name": "debt",
                "type": "tuple",
                "internalType": "struct ISettlements.Debt",
                "components": [
                  {
                    "name": "unpaid",
                    "type": "uint128",
                    "internalType": "uint128"
                  },
                  {
                    "name": "lien",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "reported",
                    "type": "bool",
                    "internalType": "bool"
                  }
                ]
              },
              {
                "name": "claim",
                "type": "tuple",
                "internalType": "struct ISettlements.Claim",
                "components": [
                  {
                    "name": "value",
                    "type": "uint128",
                    "internalType": "uint128"
                  },
                  {
                    "name": "taken",
                    "type": "uint128",
                    "internalType": "uint128"
                  }
                ]
              },
              {
                "name": "ready",
                "type": "uint256",
                "internalType": "uint256"
              }
            ]
          }
        ]
      },
      {
        "name": "total",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "settlementsOf",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "pool",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "skipped",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "count",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [
      {
        "name": "settlements",
        "type": "tuple[]",
        "internalType": "struct IPoolsLens.SettlementView[]",
        "components": [
          {
            "name": "period",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "settlementId",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "settlement",
            "type": "tuple",
            "internalType": "struct ISettlements.Settlement",
            "components": [
              {
                "name": "currency",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "dueAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "total",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "received",
                "type": "uint128",
                "internalType": "uint128"
              }
            ]
          },
          {
            "name": "debt",
            "type": "tuple",
            "internalType": "struct ISettlements.Debt",
            "components": [
              {
                "name": "unpaid",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "lien",
                "type": "uint96",
                "internalType": "uint96"
              },
              {
                "name": "reported",
                "type": "bool",
                "internalType": "bool"
              }
            ]
          },
          {
            "name": "claim",
            "type": "tuple",
            "internalType": "struct ISettlements.Claim",
            "components": [
              {
                "name": "value",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "taken",
                "type": "uint128",
                "internalType": "uint128"
              }
            ]
          },
          {
            "name": "ready",
            "type": "uint256",
            "internalType": "uint256"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "swapsOf",
    "inputs": [
      {
        "name": "member",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "from",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "count",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [
      {
        "name": "pools",
        "type": "tuple[]",
        "internalType": "struct IPoolsLens.PoolView[]",
        "components": [
          {
            "name": "pool",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "rules",
            "type": "tuple",
            "internalType": "struct IPools.Rules",
            "components": [
              {
                "name": "market",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "currency",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "periodLength",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "paymentTime",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "leverage",
                "type": "uint16",
                "internalType": "uint16"
              }
            ]
          },
          {
            "name": "steward",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "currencySymbol",
            "type": "string",
            "internalType": "string"
          },
          {
            "name": "currencyDecimals",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "period",
            "type": "tuple",
            "internalType": "struct ISwaps.Period",
            "components": [
              {
                "name": "number",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "startedAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "closesAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "allianceFee",
                "type": "uint16",
                "internalType": "uint16"
              },
              {
                "name": "prepaid",
                "type": "uint128",
                "internalType": "uint128"
              }
            ]
          },
          {
            "name": "sides",
            "type": "tuple[]",
            "internalType": "struct IPoolsLens.Side[]",
            "components": [
              {
                "name": "token",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "brandId",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "name",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "symbol",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "contractURI",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "position",
                "type": "tuple",
                "internalType": "struct ISwaps.Position",
                "components": [
                  {
                    "name": "joined",
                    "type": "bool",
                    "internalType": "bool"
                  },
                  {
                    "name": "stopped",
                    "type": "bool",
                    "internalType": "bool"
                  },
                  {
                    "name": "suspended",
                    "type": "bool",
                    "internalType": "bool"
                  },
                  {
                    "name": "decimals",
                    "type": "uint8",
                    "internalType": "uint8"
                  },
                  {
                    "name": "parValue",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "provided",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "net",
                    "type": "int256",
                    "internalType": "int256"
                  },
                  {
                    "name": "ceiling",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "baseFee",
                    "type": "uint24",
                    "internalType": "uint24"
                  },
                  {
                    "name": "feeSlope",
                    "type": "uint24",
                    "internalType": "uint24"
                  },
                  {
                    "name": "leftToday",
                    "type": "uint256",
                    "internalType": "uint256"
                  }
                ]
              },
              {
                "name": "room",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "available",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "balance",
                "type": "uint256",
                "internalType": "uint256"
              }
            ]
          }
        ]
      },
      {
        "name": "total",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "swapsOf",
    "inputs": [
      {
        "name": "member",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "ids",
        "type": "bytes32[]",
        "internalType": "bytes32[]"
      }
    ],
    "outputs": [
      {
        "name": "pools",
        "type": "tuple[]",
        "internalType": "struct IPoolsLens.PoolView[]",
        "components": [
          {
            "name": "pool",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "rules",
            "type": "tuple",
            "internalType": "struct IPools.Rules",
            "components": [
              {
                "name": "market",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "currency",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "periodLength",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "paymentTime",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "leverage",
                "type": "uint16",
                "internalType": "uint16"
              }
            ]
          },
          {
            "name": "steward",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "currencySymbol",
            "type": "string",
            "internalType": "string"
          },
          {
            "name": "currencyDecimals",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "period",
            "type": "tuple",
            "internalType": "struct ISwaps.Period",
            "components": [
              {
                "name": "number",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "startedAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "closesAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "allianceFee",
                "type": "uint16",
                "internalType": "uint16"
              },
              {
                "name": "prepaid",
                "type": "uint128",
                "internalType": "uint128"
              }
            ]
          },
          {
            "name": "sides",
            "type": "tuple[]",
            "internalType": "struct IPoolsLens.Side[]",
            "components": [
              {
                "name": "token",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "brandId",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "name",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "symbol",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "contractURI",
                "type": "string",
                "internalType": "string"
              },
              {
                "name": "position",
                "type": "tuple",
                "internalType": "struct ISwaps.Position",
                "components": [
                  {
                    "name": "joined",
                    "type": "bool",
                    "internalType": "bool"
                  },
                  {
                    "name": "stopped",
                    "type": "bool",
                    "internalType": "bool"
                  },
                  {
                    "name": "suspended",
                    "type": "bool",
                    "internalType": "bool"
                  },
                  {
                    "name": "decimals",
                    "type": "uint8",
                    "internalType": "uint8"
                  },
                  {
                    "name": "parValue",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "provided",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "net",
                    "type": "int256",
                    "internalType": "int256"
                  },
                  {
                    "name": "ceiling",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "baseFee",
                    "type": "uint24",
                    "internalType": "uint24"
                  },
                  {
                    "name": "feeSlope",
                    "type": "uint24",
                    "internalType": "uint24"
                  },
                  {
                    "name": "leftToday",
                    "type": "uint256",
                    "internalType": "uint256"
                  }
                ]
              },
              {
                "name": "room",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "available",
                "type": "uint256",
                "internalType": "uint256"
              },
              {
                "name": "balance",
                "type": "uint256",
                "internalType": "uint256"
              }
            ]
          }
        ]
      }
    ],
    "stateMutability": "view"
  }
] as const;

/** What is swapped. */
export const swapsAbi = [
  {
    "type": "function",
    "name": "swapWithSignature",
    "inputs": [
      {
        "name": "tokenIn",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "request",
        "type": "tuple",
        "internalType": "struct ISwaps.SwapRequest",
        "components": [
          {
            "name": "pool",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "tokenOut",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "amountOut",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "exactOut",
            "type": "bool",
            "internalType": "bool"
          },
          {
            "name": "to",
            "type": "address",
            "internalType": "address"
          }
        ]
      },
      {
        "name": "spend",
        "type": "tuple",
        "internalType": "struct ILoyaltyToken.Spend",
        "components": [
          {
            "name": "from",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "amount",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "nonce",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "deadline",
            "type": "uint256",
            "internalType": "uint256"
          }
        ]
      },
      {
        "name": "signature",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [
      {
        "name": "amountIn",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "amountOut",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "event",
    "name": "Swapped",
    "inputs": [
      {
        "name": "pool",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "tokenIn",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "tokenOut",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "to",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "amountIn",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "amountOut",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  }
] as const;

/** ABI of GroupsLens. */
export const groupsLensAbi = [
  {
    "type": "constructor",
    "inputs": [
      {
        "name": "obligationRegistry",
        "type": "address",
        "internalType": "contract IObligationRegistry"
      },
      {
        "name": "deals",
        "type": "address",
        "internalType": "contract IGroupDeals"
      },
      {
        "name": "escrow",
        "type": "address",
        "internalType": "contract IGroupPurchaseEscrow"
      },
      {
        "name": "rights",
        "type": "address",
        "internalType": "contract IPurchaseRights"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "DEALS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IGroupDeals"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "ESCROW",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IGroupPurchaseEscrow"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "OBLIGATION_REGISTRY",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IObligationRegistry"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "RIGHTS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IPurchaseRights"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "dealsOf",
    "inputs": [
      {
        "name": "member",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "deals",
        "type": "tuple[]",
        "internalType": "struct IGroupsLens.Key[]",
        "components": [
          {
            "name": "token",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "id",
            "type": "bytes32",
            "internalType": "bytes32"
          }
        ]
      },
      {
        "name": "skipped",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "count",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [
      {
        "name": "shown",
        "type": "tuple[]",
        "internalType": "struct IGroupsLens.DealView[]",
        "components": [
          {
            "name": "key",
            "type": "tuple",
            "internalType": "struct IGroupsLens.Key",
            "components": [
              {
                "name": "token",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "id",
                "type": "bytes32",
                "internalType": "bytes32"
              }
            ]
          },
          {
            "name": "brandId",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "name",
            "type": "string",
            "internalType": "string"
          },
          {
            "name": "symbol",
            "type": "string",
            "internalType": "string"
          },
          {
            "name": "decimals",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "contractURI",
            "type": "string",
            "internalType": "string"
          },
          {
            "name": "balance",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "currencySymbol",
            "type": "string",
            "internalType": "string"
          },
          {
            "name": "currencyDecimals",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "conditions",
            "type": "tuple",
            "internalType": "struct IDeals.Conditions",
            "components": [
              {
                "name": "tokenPart",
                "type": "uint96",
                "internalType": "uint96"
              },
              {
                "name": "currencyPart",
                "type": "uint96",
                "internalType": "uint96"
              },
              {
                "name": "opensAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "closesAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "fulfilDays",
                "type": "uint8",
                "internalType": "uint8"
              },
              {
                "name": "stakePercent",
                "type": "uint8",
                "internalType": "uint8"
              },
              {
                "name": "compensation",
                "type": "uint96",
                "internalType": "uint96"
              },
              {
                "name": "arbiter",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "rightId",
                "type": "bytes32",
                "internalType": "bytes32"
              }
            ]
          },
          {
            "name": "termsHash",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "termsURI",
            "type": "string",
            "internalType": "string"
          },
          {
            "name": "plan",
            "type": "tuple",
            "internalType": "struct IGroupDeals.Plan",
            "components": [
              {
                "name": "mostSeats",
                "type": "uint16",
                "internalType": "uint16"
              },
              {
                "name": "seatLimit",
                "type": "uint16",
                "internalType": "uint16"
              },
              {
                "name": "groups",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "duration",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "cutoff",
                "type": "uint32",
                "internalType": "uint32"
              }
            ]
          },
          {
            "name": "tiers",
            "type": "tuple[]",
            "internalType": "struct IGroupDeals.Tier[]",
            "components": [
              {
                "name": "seats",
                "type": "uint16",
                "internalType": "uint16"
              },
              {
                "name": "price",
                "type": "uint96",
                "internalType": "uint96"
              }
            ]
          },
          {
            "name": "opened",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "freeCompensation",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "rights",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "groups",
            "type": "tuple[]",
            "internalType": "struct IGroupsLens.GroupView[]",
            "components": [
              {
                "name": "key",
                "type": "tuple",
                "internalType": "struct IGroupsLens.Key",
                "components": [
                  {
                    "name": "token",
                    "type": "address",
                    "internalType": "address"
                  },
                  {
                    "name": "id",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  }
                ]
              },
              {
                "name": "group",
                "type": "tuple",
                "internalType": "struct IGroupDeals.Group",
                "components": [
                  {
                    "name": "status",
                    "type": "uint8",
                    "internalType": "enum IGroupDeals.Status"
                  },
                  {
                    "name": "isClosed",
                    "type": "bool",
                    "internalType": "bool"
                  },
                  {
                    "name": "deadline",
                    "type": "uint40",
                    "internalType": "uint40"
                  },
                  {
                    "name": "cutoffAt",
                    "type": "uint40",
                    "internalType": "uint40"
                  },
                  {
                    "name": "mostSeats",
                    "type": "uint16",
                    "internalType": "uint16"
                  },
                  {
                    "name": "seatLimit",
                    "type": "uint16",
                    "internalType": "uint16"
                  },
                  {
                    "name": "price",
                    "type": "uint96",
                    "internalType": "uint96"
                  },
                  {
                    "name": "units",
                    "type": "uint16",
                    "internalType": "uint16"
                  },
                  {
                    "name": "takenByTier",
                    "type": "uint16[8]",
                    "internalType": "uint16[8]"
                  }
                ]
              },
              {
                "name": "seated",
                "type": "bool",
                "internalType": "bool"
              }
            ]
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "groupsOf",
    "inputs": [
      {
        "name": "member",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "groups",
        "type": "tuple[]",
        "internalType": "struct IGroupsLens.Key[]",
        "components": [
          {
            "name": "token",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "id",
            "type": "bytes32",
            "internalType": "bytes32"
          }
        ]
      }
    ],
    "outputs": [
      {
        "name": "shown",
        "type": "tuple[]",
        "internalType": "struct IGroupsLens.GroupView[]",
        "components": [
          {
            "name": "key",
            "type": "tuple",
            "internalType": "struct IGroupsLens.Key",
            "components": [
              {
                "name": "token",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "id",
                "type": "bytes32",
                "internalType": "bytes32"
              }
            ]
          },
          {
            "name": "group",
            "type": "tuple",
            "internalType": "struct IGroupDeals.Group",
            "components": [
              {
                "name": "status",
                "type": "uint8",
                "internalType": "enum IGroupDeals.Status"
              },
              {
                "name": "isClosed",
                "type": "bool",
                "internalType": "bool"
              },
              {
                "name": "deadline",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "cutoffAt",
                "type": "uint40",
                "internalType": "uint40"
              },
              {
                "name": "mostSeats",
                "type": "uint16",
                "internalType": "uint16"
              },
              {
                "name": "seatLimit",
                "type": "uint16",
                "internalType": "uint16"
              },
              {
                "name": "price",
                "type": "uint96",
                "internalType": "uint96"
              },
              {
                "name": "units",
                "type": "uint16",
                "internalType": "uint16"
              },
              {
                "name": "takenByTier",
                "type": "uint16[8]",
                "internalType": "uint16[8]"
              }
            ]
          },
          {
            "name": "seated",
            "type": "bool",
            "internalType": "bool"
          }
        ]
      }
    ],
    "stateMutability": "view"
  }
] as const;

/** What is offered to groups. */
export const groupDealsAbi = [
  {
    "type": "event",
    "name": "DealPublished",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "dealId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "escrow",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "conditions",
        "type": "tuple",
        "indexed": false,
        "internalType": "struct IDeals.Conditions",
        "components": [
          {
            "name": "tokenPart",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "currencyPart",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "opensAt",
            "type": "uint40",
            "internalType": "uint40"
          },
          {
            "name": "closesAt",
            "type": "uint40",
            "internalType": "uint40"
          },
          {
            "name": "fulfilDays",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "stakePercent",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "compensation",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "arbiter",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "rightId",
            "type": "bytes32",
            "internalType": "bytes32"
          }
        ]
      },
      {
        "name": "plan",
        "type": "tuple",
        "indexed": false,
        "internalType": "struct IGroupDeals.Plan",
        "components": [
          {
            "name": "mostSeats",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "seatLimit",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "groups",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "duration",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "cutoff",
            "type": "uint32",
            "internalType": "uint32"
          }
        ]
      },
      {
        "name": "tiers",
        "type": "tuple[]",
        "indexed": false,
        "internalType": "struct IGroupDeals.Tier[]",
        "components": [
          {
            "name": "seats",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "price",
            "type": "uint96",
            "internalType": "uint96"
          }
        ]
      },
      {
        "name": "termsHash",
        "type": "bytes32",
        "indexed": false,
        "internalType": "bytes32"
      },
      {
        "name": "termsURI",
        "type": "string",
        "indexed": false,
        "internalType": "string"
      }
    ],
    "anonymous": false
  }
] as const;

/** Who takes seats, and how. */
export const groupPurchaseEscrowAbi = [
  {
    "type": "function",
    "name": "joinWithSignature",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "request",
        "type": "tuple",
        "internalType": "struct IGroupPurchaseEscrow.SeatRequest",
        "components": [
          {
            "name": "groupId",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "quantity",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "topTier",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "member",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "referrer",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "leastCompensation",
            "type": "uint256",
            "internalType": "uint256"
          }
        ]
      },
      {
        "name": "spend",
        "type": "tuple",
        "internalType": "struct ILoyaltyToken.Spend",
        "components": [
          {
            "name": "from",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "amount",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "nonce",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "deadline",
            "type": "uint256",
            "internalType": "uint256"
          }
        ]
      },
      {
        "name": "signature",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "permit",
        "type": "tuple",
        "internalType": "struct IPurchases.Permit",
        "components": [
          {
            "name": "value",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "deadline",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "v",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "r",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "s",
            "type": "bytes32",
            "internalType": "bytes32"
          }
        ]
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "leaveGroupWithSignature",
    "inputs": [
      {
        "name": "seat",
        "type": "tuple",
        "internalType": "struct IGroupPurchaseEscrow.Seat",
        "components": [
          {
            "name": "token",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "groupId",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "member",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "quantity",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "deposit",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "compensation",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "arbiter",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "referrer",
            "type": "address",
            "internalType": "address"
          }
        ]
      },
      {
        "name": "spend",
        "type": "tuple",
        "internalType": "struct ILoyaltyToken.Spend",
        "components": [
          {
            "name": "from",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "amount",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "nonce",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "deadline",
            "type": "uint256",
            "internalType": "uint256"
          }
        ]
      },
      {
        "name": "signature",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "event",
    "name": "SeatTaken",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "groupId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "member",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "quantity",
        "type": "uint32",
        "indexed": false,
        "internalType": "uint32"
      },
      {
        "name": "deposit",
        "type": "uint96",
        "indexed": false,
        "internalType": "uint96"
      },
      {
        "name": "compensation",
        "type": "uint96",
        "indexed": false,
        "internalType": "uint96"
      },
      {
        "name": "arbiter",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "referrer",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      }
    ],
    "anonymous": false
  }
] as const;

/** What there is to bargain for. */
export const bargainDealsAbi = [
  {
    "type": "function",
    "name": "conditionsOf",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "dealId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "conditions",
        "type": "tuple",
        "internalType": "struct IDeals.Conditions",
        "components": [
          {
            "name": "tokenPart",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "currencyPart",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "opensAt",
            "type": "uint40",
            "internalType": "uint40"
          },
          {
            "name": "closesAt",
            "type": "uint40",
            "internalType": "uint40"
          },
          {
            "name": "fulfilDays",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "stakePercent",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "compensation",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "arbiter",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "rightId",
            "type": "bytes32",
            "internalType": "bytes32"
          }
        ]
      },
      {
        "name": "termsHash",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "termsURI",
        "type": "string",
        "internalType": "string"
      },
      {
        "name": "receiver",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "view"
  }
] as const;

/** What friends have cut a price to. */
export const cutsAbi = [
  {
    "type": "function",
    "name": "bargainOf",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "dealId",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "number",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "tuple",
        "internalType": "struct ICuts.Bargain",
        "components": [
          {
            "name": "status",
            "type": "uint8",
            "internalType": "enum IPricer.Status"
          },
          {
            "name": "price",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "left",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "answerBy",
            "type": "uint40",
            "internalType": "uint40"
          },
          {
            "name": "deadline",
            "type": "uint40",
            "internalType": "uint40"
          },
          {
            "name": "link",
            "type": "bytes32",
            "internalType": "bytes32"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "rulesOf",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "dealId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "rules",
        "type": "tuple",
        "internalType": "struct IPricer.Rules",
        "components": [
          {
            "name": "listPrice",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "floorPrice",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "stock",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "duration",
            "type": "uint32",
            "internalType": "uint32"
          }
        ]
      },
      {
        "name": "opened",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  }
] as const;

/** What is earned by root. */
export const earnDistributorAbi = [
  {
    "type": "function",
    "name": "claim",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "credit",
        "type": "tuple",
        "internalType": "struct IEarnDistributor.Credit",
        "components": [
          {
            "name": "period",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "finalAt",
            "type": "uint40",
            "internalType": "uint40"
          },
          {
            "name": "claimableUntil",
            "type": "uint40",
            "internalType": "uint40"
          },
          {
            "name": "index",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "account",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "amount",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "proof",
            "type": "uint256[]",
            "internalType": "uint256[]"
          }
        ]
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "claimByLink",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "credit",
        "type": "tuple",
        "internalType": "struct IEarnDistributor.Credit",
        "components": [
          {
            "name": "period",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "finalAt",
            "type": "uint40",
            "internalType": "uint40"
          },
          {
            "name": "claimableUntil",
            "type": "uint40",
            "internalType": "uint40"
          },
          {
            "name": "index",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "account",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "amount",
            "type": "uint96",
            "internalType": "uint96"
          },
          {
            "name": "proof",
            "type": "uint256[]",
            "internalType": "uint256[]"
          }
        ]
      },
      {
        "name": "to",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "deadline",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "signature",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "isClaimed",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "period",
        "type": "uint32",
        "internalType": "uint32"
      },
      {
        "name": "index",
        "type": "uint32",
        "internalType": "uint32"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "bool",
        "internalType": "bool"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "event",
    "name": "EarningsPosted",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "period",
        "type": "uint32",
        "indexed": true,
        "internalType": "uint32"
      },
      {
        "name": "root",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "finalAt",
        "type": "uint40",
        "indexed": false,
        "internalType": "uint40"
      },
      {
        "name": "claimableUntil",
        "type": "uint40",
        "indexed": false,
        "internalType": "uint40"
      },
      {
        "name": "uri",
        "type": "string",
        "indexed": false,
        "internalType": "string"
      }
    ],
    "anonymous": false
  }
] as const;

/** The fields of Spend before `witness`, whose type is the spender's. */
export const spendFields = [
  {
    "name": "from",
    "type": "address"
  },
  {
    "name": "spender",
    "type": "address"
  },
  {
    "name": "amount",
    "type": "uint256"
  },
  {
    "name": "nonce",
    "type": "bytes32"
  },
  {
    "name": "deadline",
    "type": "uint256"
  }
] as const;

/** What a member signs at a till, as the witness of a Spend whose spender is the redemption desk. */
export const redemptionTypes = {
  "OfferRedemption": [
    {
      "name": "offerId",
      "type": "bytes32"
    },
    {
      "name": "quantity",
      "type": "uint256"
    },
    {
      "name": "version",
      "type": "uint256"
    },
    {
      "name": "till",
      "type": "address"
    }
  ],
  "ParRedemption": [
    {
      "name": "orderRef",
      "type": "bytes32"
    },
    {
      "name": "version",
      "type": "uint256"
    },
    {
      "name": "till",
      "type": "address"
    }
  ]
} as const;

/** What a member signs to swap, as the witness of a Spend whose spender is Swaps. */
export const swapTypes = {
  "SwapRequest": [
    {
      "name": "pool",
      "type": "bytes32"
    },
    {
      "name": "tokenOut",
      "type": "address"
    },
    {
      "name": "amountOut",
      "type": "uint256"
    },
    {
      "name": "exactOut",
      "type": "bool"
    },
    {
      "name": "to",
      "type": "address"
    }
  ]
} as const;

/** What a member signs to take a seat in a group or to leave it, as the witness of a Spend whose spender is GroupPurchaseEscrow. */
export const groupTypes = {
  "SeatRequest": [
    {
      "name": "groupId",
      "type": "bytes32"
    },
    {
      "name": "quantity",
      "type": "uint256"
    },
    {
      "name": "topTier",
      "type": "uint256"
    },
    {
      "name": "member",
      "type": "address"
    },
    {
      "name": "referrer",
      "type": "address"
    },
    {
      "name": "leastCompensation",
      "type": "uint256"
    }
  ],
  "SeatLeaving": [
    {
      "name": "groupId",
      "type": "bytes32"
    }
  ]
} as const;

/** What a buyer signs to pay for a bargain, as the witness of a Spend whose spender is Bargains. */
export const bargainTypes = {
  "Payment": [
    {
      "name": "dealId",
      "type": "bytes32"
    },
    {
      "name": "number",
      "type": "uint256"
    },
    {
      "name": "most",
      "type": "uint256"
    },
    {
      "name": "leastCompensation",
      "type": "uint256"
    },
    {
      "name": "orderRef",
      "type": "bytes32"
    }
  ]
} as const;

/** What a one-time link's key signs: who claims. */
export const linkTypes = {
  "LinkClaim": [
    {
      "name": "token",
      "type": "address"
    },
    {
      "name": "period",
      "type": "uint256"
    },
    {
      "name": "index",
      "type": "uint256"
    },
    {
      "name": "to",
      "type": "address"
    },
    {
      "name": "deadline",
      "type": "uint256"
    }
  ]
} as const;
