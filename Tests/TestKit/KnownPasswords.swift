import People

/// Hashes of the passwords that tests sign in with, each made once a run: Argon2id is meant to be slow,
/// and a suite that makes hundreds of houses at once would be told "busy", as anybody would.
public actor KnownPasswords {
    public static let shared = KnownPasswords()
    private var hashes: [String: Task<String, any Error>] = [:]

    public func hash(_ password: String) async throws -> String {
        if let known = hashes[password] { return try await known.value }
        let made = Task { try await Passwords.hash(password) }
        hashes[password] = made
        return try await made.value
    }
}
