import Synchronization

/// A value that only its lock's holder may touch. For caches and queues inside one process.
public final class Locked<Value>: Sendable {
    private let mutex: Mutex<Box>

    private struct Box: @unchecked Sendable { var value: Value }

    public init(_ value: sending Value) { mutex = Mutex(Box(value: value)) }

    @discardableResult
    public func withLock<R>(_ body: (inout Value) throws -> R) rethrows -> R {
        try mutex.withLock { box in
            // The result leaves the lock by value; every R used here is Sendable or a copy.
            nonisolated(unsafe) let result = try body(&box.value)
            return result
        }
    }
}
