-- R2 of the common job: a wallet's sum over five minutes is above $25,000; then quiet for a minute.
--
-- The quiet minute is a table here and not `dedup`, because the job does not count what it leaves out.
local R = rule {
  title    = "velocity",
  severity = "info",

  windows = {
    recent = window.sliding { by = { "user" }, span = "5m", agg = { usd = sum "usd" } },
  },

  where = { ["recent.usd"] = at_least(usd(25000) + 1) },   -- above, in whole micro-dollars
}

local QUIET = duration "1m"
local fired = {}

function R.on_order(o, w)
  local t, user = o.t, o.user
  local last = fired[user]
  if last and t - last < QUIET then return end
  fired[user] = t
  signal { title = "velocity", key = user, data = { value = w.recent.usd } }
end

return R
