-- What an order says about the outcome it trades.
local outcome = {}

-- Pairs of labels where selling one is a bet on the other.
local opposite = { Yes = "No", No = "Yes", Up = "Down", Down = "Up", Over = "Under", Under = "Over" }

-- The outcome that money on this side expects: buying Yes and selling No both bet on Yes.
function outcome.expected(side, label)
  label = label or "this outcome"
  if side == "BUY" then return label end
  return opposite[label] or "not " .. label
end

-- "for" or "against" the outcome whose token was traded.
function outcome.direction(side)
  return side == "BUY" and "for" or "against"
end

return outcome
