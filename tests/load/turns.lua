-- Readers take turns on one page; where there are writers, one request in twenty saves a new draft.
-- Arguments: path, readers' cookies, writers' cookies (comma-separated).
local readers, writers, path, count = {}, {}, "/", 0

function init(arguments)
  path = arguments[1]
  for cookie in string.gmatch(arguments[2] or "", "[^,]+") do readers[#readers + 1] = cookie end
  for cookie in string.gmatch(arguments[3] or "", "[^,]+") do writers[#writers + 1] = cookie end
  math.randomseed(os.time())
end

local function draft()
  local id = string.format("%08x-%04x-4%03x-8%03x-%06x%06x", math.random(0, 0x7fffffff), math.random(0, 0xffff),
    math.random(0, 0xfff), math.random(0, 0xfff), math.random(0, 0xffffff), math.random(0, 0xffffff))
  return wrk.format("PUT", "/api/v1/drafts/" .. id, {
    ["Cookie"] = writers[count % #writers + 1], ["Content-Type"] = "application/json",
    ["If-Match"] = '"0"', ["Sec-Fetch-Site"] = "same-origin",
  }, '{"format": 1, "content": {}}')
end

function request()
  count = count + 1
  if #writers > 0 and count % 20 == 0 then return draft() end
  local cookie = readers[count % #readers + 1]
  return wrk.format("GET", path, { ["Cookie"] = cookie, ["Accept-Encoding"] = "gzip" })
end
