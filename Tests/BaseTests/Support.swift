import Foundation

@testable import Base

extension SeededRandom {
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
