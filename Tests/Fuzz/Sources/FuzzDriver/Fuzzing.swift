internal import CLibFuzzer
internal import Glibc

/// Runs libFuzzer with its command line and ends the process.
public enum Fuzzing {
    /// What gets the inputs. libFuzzer calls on the thread that called it, one input after the other.
    nonisolated(unsafe) private static var body: (UnsafeRawBufferPointer) -> Void = { _ in }

    /// Hands each input to `body`: exactly its bytes in a block of their own, so that the address sanitizer finds a
    /// read beyond them. A trap, a failed ``expect(_:_:)``, a leak or too much time or memory is a finding.
    public static func run(_ body: @escaping (UnsafeRawBufferPointer) -> Void) -> Never {
        Self.body = body
        var count = CommandLine.argc
        var arguments = Optional(CommandLine.unsafeArgv)
        exit(
            LLVMFuzzerRunDriver(&count, &arguments) { data, size in
                Fuzzing.body(UnsafeRawBufferPointer(start: data, count: size))
                return 0
            })
    }

    /// A rule that holds for every input; when it does not, the process ends with the rule's name and libFuzzer keeps
    /// the input.
    public static func expect(_ holds: Bool, _ rule: @autoclosure () -> String) {
        guard !holds else { return }
        let text = Array("RULE BROKEN: \(rule())\n".utf8)
        _ = write(STDERR_FILENO, text, text.count)
        abort()
    }
}
