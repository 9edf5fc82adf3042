import Base
import Logging

/// Writes each entry of the log as one line, whatever came from outside stands in it: a path, a name or
/// a message of the engine can neither begin a line of its own nor steer the terminal that shows it.
struct OneLineLog: LogHandler {
    private var inner: StreamLogHandler
    /// Kept as it came, and cleaned when a line is written: most requests have metadata and write none.
    var metadata: Logger.Metadata = [:]

    init(label: String) { inner = StreamLogHandler.standardError(label: label) }

    var logLevel: Logger.Level {
        get { inner.logLevel }
        set { inner.logLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var event = event
        event.message = "\(CleanText.shown(event.message.description))"
        event.metadata = OneLineLog.shown(
            metadata.merging(event.metadata ?? [:], uniquingKeysWith: { _, own in own }))
        if let error = event.error {
            event.error = nil
            event.metadata = (event.metadata ?? [:]).merging(
                ["error": .string(CleanText.shown("\(error)"))], uniquingKeysWith: { a, _ in a })
        }
        inner.log(event: event)
    }

    private static func shown(_ metadata: Logger.Metadata) -> Logger.Metadata {
        Dictionary(
            metadata.map { (CleanText.shown($0.key), shown($0.value)) }, uniquingKeysWith: { a, _ in a })
    }

    private static func shown(_ value: Logger.MetadataValue) -> Logger.MetadataValue {
        switch value {
        case .string(let s): .string(CleanText.shown(s))
        case .stringConvertible(let s): .string(CleanText.shown(s.description))
        case .dictionary(let d): .dictionary(shown(d))
        case .array(let a): .array(a.map(shown))
        }
    }
}
