import Testing

@testable import Gateway

@Suite("Process memory")
struct ProcessMemoryTests {
    @Test("only code that lies in a file is let go")
    func lines() {
        let line = "7f0000001000-7f0000003000 r-xp 00001000 fe:00 1234                       /usr/sbin/customersd\n"
        #expect(ProcessMemory.codeOfFile(line)?.start == 0x7f00_0000_1000)
        #expect(ProcessMemory.codeOfFile(line)?.length == 0x2000)
        for other in [
            line.replacing("r-xp", with: "r--p"), line.replacing("r-xp", with: "rw-p"),
            line.replacing("r-xp", with: "rwxp"), line.replacing("/usr/sbin/customersd", with: "[vdso]"),
            line.replacing("/usr/sbin/customersd", with: ""), line.replacing("7f0000003000", with: "7f0000001000"), "",
        ] {
            #expect(ProcessMemory.codeOfFile(other) == nil, "\(other)")
        }
    }

    @Test("the process goes on as if nothing had happened")
    func release() {
        let sum = { (1...100).reduce(0, +) }
        let before = sum()
        for _ in 0..<2 { ProcessMemory.release() }
        #expect(sum() == before)
    }
}
