import Base
import NIOPosix

/// Passwords: their rules, and the slow work on them, which is bounded and never on an event loop.
public enum Passwords {
    public static let shortest = 10

    /// Refuses what is easily guessed: too short, the sign-in name, a common one, one letter repeated.
    public static func check(_ password: String, login: String, field: String = "password") throws {
        guard password.unicodeScalars.count >= shortest else {
            throw Failure.invalid(field, "password.too_short", ["min": String(shortest)])
        }
        guard password.utf8.count <= 1024 else {
            throw Failure.invalid(field, "field.too_long", ["max": "1024"])
        }
        let folded = password.lowercased()
        let core = folded.filter { $0.isLetter || $0.isNumber }
        if folded == login || core == login || folded.contains(login), login.count >= 5 || folded == login {
            throw Failure.invalid(field, "password.is_login")
        }
        if common.contains(core) || Set(folded).count < 4 {
            throw Failure.invalid(field, "password.common")
        }
    }

    /// Those that lead the lists of leaked passwords and are long enough to pass.
    private static let common: Set<String> = [
        "1234567890", "12345678910", "0123456789", "0987654321", "9876543210", "1q2w3e4r5t", "1qaz2wsx3edc",
        "qwertyuiop", "qwerty1234", "qwerty12345", "qwerty123456", "asdfghjkl1", "zxcvbnm123", "password12",
        "password123", "password1234", "passw0rd123", "password01", "letmein123", "welcome123", "welcome1234",
        "iloveyou12", "iloveyou123", "admin12345", "admin123456", "administrator", "abc1234567", "abcd123456",
        "abcdefghij", "abc123abc123", "a123456789", "aa12345678", "q123456789", "1234567890a", "woaini1314",
        "woaini520", "woaini1314520", "5201314520", "changeme123", "trustno1234", "football123",
        "baseball123",
        "superman123", "sunshine123", "princess123", "qazwsxedcr", "1111111111", "123123123123",
        "fettlefettle",
    ]

    public static func hash(_ password: String) async throws -> String {
        try await Gate.shared.run { try Secrets.passwordHash(password) }
    }

    /// Without a hash the same work is done on one that nothing matches: the time does not tell
    /// whether the account exists.
    static func matches(_ password: String, hash: String?) async throws -> Bool {
        let tell = onVerification
        return try await Gate.shared.run {
            let stored = hash ?? decoy
            tell?()
            return Secrets.passwordMatches(password, hash: stored) && hash != nil
        }
    }

    /// Told of each verification that the task asks for.
    @TaskLocal static var onVerification: (@Sendable () -> Void)?

    private static let decoy = (try? Secrets.passwordHash(Secrets.token())) ?? ""

    /// Makes the decoy before the first sign-in, so that not even that one is slower.
    static func prepare() { _ = decoy }

    /// Lets two through at once; more would take all cores and 19 MiB each.
    private actor Gate {
        static let shared = Gate(2)
        private var free: Int
        private var waiting: [CheckedContinuation<Void, Never>] = []

        init(_ free: Int) { self.free = free }

        func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
            // Whoever would wait for more than a few seconds is better told so.
            guard waiting.count < 64 else { throw Failure(.unavailable, "busy", retryAfterS: 2) }
            if free > 0 {
                free -= 1
            } else {
                await withCheckedContinuation { waiting.append($0) }
            }
            defer { leave() }
            return try await NIOThreadPool.singleton.runIfActive { try work() }
        }

        private func leave() {
            if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
        }
    }
}
