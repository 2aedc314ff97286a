-- Three access token checks for each resumed conversation, as wrk sends them. TOKEN, TENANT and FILE come from the environment.
local token, tenant = os.getenv("TOKEN"), os.getenv("TENANT")
local get
local posts, threads = {}, {}
local sent = 0
failed, first = 0, ""

function init()
  get = wrk.format("GET", "/customers/auth_ping", { ["Host"] = wrk.headers["Host"], ["Authorization"] = token })
  for number = 1, 20 do
    posts[number] = wrk.format("POST", "/customers/client_connect",
      { ["Host"] = wrk.headers["Host"], ["Content-Type"] = "application/x-www-form-urlencoded" },
      "api_key=" .. tenant .. "&name=load" .. number)
  end
end

function setup(thread) table.insert(threads, thread) end

function request()
  sent = sent + 1
  if sent % 4 == 0 then return posts[sent / 4 % 20 + 1] end
  return get
end

function response(status, headers, body)
  if status ~= 200 then
    failed = failed + 1
    if first == "" then first = status .. " " .. body end
  end
end

-- One line for the script: requests, answers other than 200, connections that failed.
function done(summary, latency, requests)
  local failed, first = 0, ""
  for _, thread in ipairs(threads) do
    failed = failed + thread:get("failed")
    if first == "" then first = thread:get("first") end
  end
  local errors = summary.errors
  local file = io.open(os.getenv("FILE"), "w")
  file:write(string.format("%d %d %d %.0f %.0f %s\n", summary.requests, failed,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(99) / 1000, latency.max / 1000, first))
  file:close()
end
