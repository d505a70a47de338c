-- When the window that holds an instant began, in Unix seconds: as core/budget.py says it, in UTC, weeks from Monday.
-- The first day of a month is reckoned in years that begin in March (Howard Hinnant, "chrono-compatible low-level date
-- algorithms"), so that a leap day is a year's last.
local function month_began(day)
  local of_era = (day + 719468) % 146097
  local year = math.floor((of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524)
    - math.floor(of_era / 146096)) / 365)
  local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * of_year + 2) / 153)
  return day - (of_year - math.floor((153 * month + 2) / 5))
end

local began = {lifetime = 0}
local function window_start(window, now)
  if began[window] then return began[window] end
  local day = math.floor(now / 86400000)
  if window == 'week' then day = day - (day + 3) % 7 end
  if window == 'month' then day = month_began(day) end
  began[window] = day * 86400
  return began[window]
end
