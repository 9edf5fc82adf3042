import Foundation

@testable import Base

/// Randomness that repeats itself: SplitMix64 (Steele, Lea, Flood 2014). Tests name the seed they fail
/// with.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ n: Int) -> Int { n <= 0 ? 0 : Int.random(in: 0..<n, using: &self) }

    mutating func bytes(upTo n: Int) -> [UInt8] {
        (0..<below(n + 1)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// Text made of characters that parsers trip over.
    mutating func text(upTo n: Int) -> String {
        let alphabet: [String] = [
            "a", "Z", "7", " ", ",", ";", "\"", "'", "\r", "\n", "\r\n", "\t", "=", "+", "-", "@", "%", "&",
            "é", "e\u{301}", "中", "文", "售", "后", "，", "。", "Ａ", "５", "－", "😀", "👨‍👩‍👧", "\u{202E}",
            "\u{200B}", "\u{FEFF}", "ß", "İ", "ﬁ", "½", "가", "が", "\\", "/", "<", "{", "ǀ", "\u{1}",
        ]
        return (0..<below(n + 1)).map { _ in alphabet[below(alphabet.count)] }.joined()
    }

    /// Valid input with some bytes changed, taken out, doubled or put in.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var out = bytes
        for _ in 0..<(1 + below(6)) {
            let at = below(out.count)
            switch below(4) {
            case 0 where !out.isEmpty: out[at] = UInt8.random(in: 0...255, using: &self)
            case 1 where !out.isEmpty: out.remove(at: at)
            case 2 where !out.isEmpty:
                let end = min(out.count, at + 1 + below(8))
                out.insert(contentsOf: Array(out[at..<end]), at: at)
            default: out.insert([0x22, 0x0D, 0x0A, 0x2C, 0x2D, 0x00, 0xFF, 0x5C][below(8)], at: at)
            }
        }
        return out
    }

    /// The same bytes cut into pieces of random length, empty ones too.
    mutating func chunks(_ bytes: [UInt8]) -> [[UInt8]] {
        var out: [[UInt8]] = []
        var at = 0
        while at < bytes.count {
            let n = min(bytes.count - at, below(2) == 0 ? below(4) : below(40))
            out.append(Array(bytes[at..<(at + n)]))
            at += n
        }
        return out
    }
}

/// The outcome of something that may refuse, so that two outcomes can be compared.
func outcome<T>(_ body: () throws -> T) -> Result<T, Failure> {
    do {
        return .success(try body())
    } catch let failure as Failure {
        return .failure(failure)
    } catch {
        return .failure(Failure(.internal, "test.other_error"))
    }
}

func code<T>(_ body: () throws -> T) -> String? {
    if case .failure(let f) = outcome(body) { return f.fields.first?.code ?? f.code }
    return nil
}

/// The folder of real data beside the package; nil where it is missing.
let dataFolder: URL? = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "../shared/data").standardizedFileURL
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
}()
