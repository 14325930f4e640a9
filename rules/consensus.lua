-- Different rules, about different wallets, point the same way in one market within an hour.
--
-- Each rule looks at one thing; two that agree about two wallets say more than either alone. What a
-- signal expects is the outcome that its order bets on: buying Yes and selling No are the same direction.
--
-- When it fires: the signals of one market and direction in (t - 1h, t] must be of at least two rules and
-- about at least two wallets. Two signals that differ in both are then among them: take one of rule A
-- about wallet 1. Some signal is of another rule B. If it is about another wallet, these are the two. If it
-- is about wallet 1 as well, take any signal about another wallet: its rule is not A or not B, and with
-- that one of the two it differs in both.
--
-- How sure: the rules are taken as independent witnesses, each wrong with probability 1 - weight. All
-- are wrong at once with the product of these, so that the confidence is
--
--     1 - (1 - w1) (1 - w2) ... (1 - wR)
--
-- with one weight a rule, however often it fired: a sweep and a cluster give 1 - 0.5 * 0.5 = 0.75, with
-- a whale on top 1 - 0.5 * 0.5 * 0.7 = 0.825. The weights are judgement, not measurement.
local outcome = require "outcome"

local R = rule {
  title    = "Several rules agree about a market",
  severity = "medium",
  tags     = { "composite", "consensus" },

  params = {
    min_rules   = param.int(2, { min = 2, doc = "how many different rules" }),
    min_wallets = param.int(2, { min = 2, doc = "how many different wallets" }),
    span        = param.duration("1h", { min = 1000, doc = "how old a signal may be" }),
  },

  listens = { "sweep", "tracked_wallet", "whale_cluster", "whale_order" },
  timers  = { forget = "10m" },
}

local weight = { sweep = 0.5, tracked_wallet = 0.4, whale_cluster = 0.5, whale_order = 0.3 }
local most = 500                        -- signals of one direction that are kept

state.directions = state.directions or {}

-- Takes out what is not in (now - span, now] any more; a late signal may stand anywhere in the list.
local function prune(list, now)
  local kept = {}
  for _, seen in ipairs(list) do
    if seen.t > now - R.params.span then kept[#kept + 1] = seen end
  end
  return kept
end

function R.on_signal(s)
  if not s.market or not s.user then return end
  local label = s.data and s.data.outcome or s.token
  local bet = outcome.expected(s.side, label)
  local key = s.market .. "|" .. bet
  local list = prune(state.directions[key] or {}, now())
  list[#list + 1] = { t = s.t, rule = s.rule, user = s.user, seq = s.seq }
  if #list > most then table.remove(list, 1) end
  state.directions[key] = list

  local rules, users, names, wallets, doubt = {}, {}, {}, 0, 1
  for _, seen in ipairs(list) do
    if not rules[seen.rule] then
      rules[seen.rule] = true
      names[#names + 1] = seen.rule
      doubt = doubt * (1 - weight[seen.rule])
    end
    if not users[seen.user] then
      users[seen.user] = true
      wallets = wallets + 1
    end
  end
  if #names < R.params.min_rules or wallets < R.params.min_wallets then return end
  table.sort(names)
  signal {
    title      = ("%d rules and %d wallets expect %s in %s: %s"):format(
      #names, wallets, bet, s.market, table.concat(names, ", ")),
    severity   = #names >= 3 and "high" or nil,
    confidence = 1 - doubt,
    key        = key,
    hold       = R.params.span,
    data       = { rules = names, wallets = wallets, signals = #list, bet_on = bet },
  }
end

function R.on_timer(_, t)
  for key, list in pairs(state.directions) do
    local kept = prune(list, t)
    state.directions[key] = #kept > 0 and kept or nil
  end
end

return R
