import Base
import Logging

/// Writes each entry of the log as one line, whatever came from outside stands in it: a path, a name or
/// a message of the engine can neither begin a line of its own nor steer the terminal that shows it.
struct OneLineLog: LogHandler {
    private var inner: StreamLogHandler

    init(label: String) { inner = StreamLogHandler.standardError(label: label) }

    var logLevel: Logger.Level {
        get { inner.logLevel }
        set { inner.logLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = OneLineLog.shown(newValue) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: CleanText.shown(key)] = newValue.map(OneLineLog.shown) }
    }

    func log(event: LogEvent) {
        var event = event
        event.message = "\(CleanText.shown(event.message.description))"
        event.metadata = event.metadata.map(OneLineLog.shown)
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
