/// The record types of FastCGI 1.0 (specification, section 8).
enum RecordType: UInt8, Sendable {
    case beginRequest = 1
    case abortRequest = 2
    case endRequest = 3
    case parameters = 4
    case standardInput = 5
    case standardOutput = 6
    case standardError = 7
    case data = 8
    case getValues = 9
    case getValuesResult = 10
    case unknownType = 11
}
