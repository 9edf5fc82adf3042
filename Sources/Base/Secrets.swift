import CSodium

/// Hashes, random bytes and passwords, all by libsodium.
public enum Secrets {
    /// libsodium wants one call before any other; safe to repeat.
    private static let ready: Bool = sodium_init() >= 0

    /// SHA-256 (FIPS 180-4), 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        _ = ready
        var out = [UInt8](repeating: 0, count: 32)
        crypto_hash_sha256(&out, bytes, UInt64(bytes.count))
        return out
    }

    /// SHA-256 of what comes piece by piece.
    public struct Hasher: Sendable {
        private var state = crypto_hash_sha256_state()

        public init() {
            _ = ready
            crypto_hash_sha256_init(&state)
        }

        public mutating func add(_ bytes: [UInt8]) {
            crypto_hash_sha256_update(&state, bytes, UInt64(bytes.count))
        }

        public mutating func finish() -> [UInt8] {
            var out = [UInt8](repeating: 0, count: 32)
            crypto_hash_sha256_final(&state, &out)
            return out
        }
    }

    /// `count` bytes from the system's generator.
    public static func random(_ count: Int) -> [UInt8] {
        _ = ready
        var out = [UInt8](repeating: 0, count: count)
        randombytes_buf(&out, count)
        return out
    }

    /// 256 random bits as 43 characters that are safe in a URL: sessions, tokens, one-time links.
    public static func token() -> String { base64URL(random(32)) }

    /// What is stored of a token, so that a stolen database opens no session.
    public static func tokenHash(_ token: String) -> String { hex(sha256(Array(token.utf8))) }

    /// True where both are equal, in a time that does not tell where they differ.
    public static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count && sodium_memcmp(a, b, a.count) == 0
    }

    /// Argon2id (RFC 9106) with 19 MiB and two passes, the first choice of OWASP's Password Storage
    /// Cheat Sheet. Some 20 ms of one core: never on an event loop, and bounded by the caller.
    public static func passwordHash(_ password: String) throws -> String {
        _ = ready
        var out = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        var password = password
        let result = password.withUTF8 { p in
            p.withMemoryRebound(to: CChar.self) {
                crypto_pwhash_str_alg(
                    &out, $0.baseAddress ?? emptyPassword, UInt64(p.count), 2, 19 * 1024 * 1024,
                    crypto_pwhash_ALG_ARGON2ID13)
            }
        }
        guard result == 0 else { throw Failure(.unavailable, "busy", retryAfterS: 1) }
        return String(decoding: out.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the password is the one that was hashed.
    public static func passwordMatches(_ password: String, hash: String) -> Bool {
        _ = ready
        var password = password
        return password.withUTF8 { p in
            p.withMemoryRebound(to: CChar.self) {
                crypto_pwhash_str_verify(hash, $0.baseAddress ?? emptyPassword, UInt64(p.count))
                    == 0
            }
        }
    }

    nonisolated(unsafe) private static let emptyPassword: UnsafePointer<CChar> = {
        let p = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        p.pointee = 0
        return UnsafePointer(p)
    }()

    public static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        for b in bytes {
            out.append(digits[Int(b >> 4)])
            out.append(digits[Int(b & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Base 64 with the URL alphabet, no padding (RFC 4648 § 5).
    public static func base64URL(_ bytes: [UInt8]) -> String {
        let digits: [UInt8] = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var out: [UInt8] = []
        var bits: UInt32 = 0
        var held = 0
        for b in bytes {
            bits = bits << 8 | UInt32(b)
            held += 8
            while held >= 6 {
                held -= 6
                out.append(digits[Int((bits >> UInt32(held)) & 63)])
            }
        }
        if held > 0 { out.append(digits[Int((bits << UInt32(6 - held)) & 63)]) }
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes of a base 64 text in the URL alphabet; nil where it is none.
    public static func fromBase64URL(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var bits: UInt32 = 0
        var held = 0
        for c in text.utf8 {
            let v: UInt32
            switch c {
            case 0x41...0x5A: v = UInt32(c - 0x41)
            case 0x61...0x7A: v = UInt32(c - 0x61) + 26
            case 0x30...0x39: v = UInt32(c - 0x30) + 52
            case 0x2D: v = 62
            case 0x5F: v = 63
            default: return nil
            }
            bits = (bits << 6 | v) & 0xFFFFFF
            held += 6
            if held >= 8 {
                held -= 8
                out.append(UInt8((bits >> UInt32(held)) & 255))
            }
        }
        return out
    }
}
