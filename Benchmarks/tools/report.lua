-- What wrk measured, as one line of JSON.
done = function(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        'REPORT {"requests":%d,"seconds":%.6f,"errors":%d,"statuses":%d,"p50":%d,"p99":%d}\n', summary.requests,
        summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        errors.status, latency:percentile(50), latency:percentile(99)))
end
