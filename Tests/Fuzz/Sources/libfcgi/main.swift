// Whatever the gate passes, libfcgi parses to the same parameters and body, and leaves nothing in the socket; then it
// is translated into a request.
//
// libFuzzer finds few requests that pass by changing bytes, so half of the inputs are plans from which a request is
// built.
import FuzzDriver

@testable import FastCGI

do { try FastCGILibrary.initialize() } catch { Fuzzing.expect(false, "\(error)") }
let comparison = Comparison()

Fuzzing.run { bytes in
    var input = FuzzInput(bytes)
    comparison.run(input.byte() & 1 == 0 ? input.remainder() : RequestPlan(input).bytes)
}
