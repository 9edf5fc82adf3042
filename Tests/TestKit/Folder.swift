import Foundation

/// A folder of its own that goes away with the test.
public final class Folder: Sendable {
    public let path: String
    public init() throws {
        path = NSTemporaryDirectory() + "fettle-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
