import ArgumentParser
import Base
import Foundation
import Store

/// What commands say and how they end: results on standard output, everything else on standard error;
/// 0 done, 1 found something wrong or failed, 2 bad input.
enum Terminal {
    /// The language of the terminal, by the usual variables.
    static let language: Language = {
        let e = ProcessInfo.processInfo.environment
        let named = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { e[$0] }.first { !$0.isEmpty } ?? ""
        guard named.hasPrefix("zh") else { return .english }
        return ["TW", "HK", "MO", "Hant"].contains { named.contains($0) }
            ? .traditionalChinese : .simplifiedChinese
    }()

    static func out(_ text: String) { write(text + "\n", FileHandle.standardOutput) }
    /// One line; what stands in it may come from a file, and steers no terminal.
    static func note(_ text: String) {
        write("fettle: \(CleanText.shown(text))\n", FileHandle.standardError)
    }

    private static func write(_ text: String, _ file: FileHandle) {
        // A reader that went away (`| head`) ends the output, not the work.
        try? file.write(contentsOf: Data(text.utf8))
    }

    private static let chapter = Locked("")

    /// A line that is written anew in place on a terminal; elsewhere one line for each chapter, so that a log
    /// shows that a long job goes on.
    static func progress(_ text: String, chapter name: String = "") {
        guard isatty(2) == 1 else {
            let isNew = chapter.withLock { last in
                defer { last = name }
                return last != name
            }
            if isNew, !name.isEmpty { note(name) }
            return
        }
        write("\r\u{1B}[K\(text)", FileHandle.standardError)
    }
    static func endProgress() { progress("") }

    /// Runs a command's work; whatever it throws becomes one line and an exit code.
    static func run<T>(_ work: () async throws -> T) async throws -> T {
        do {
            return try await work()
        } catch let failure as Failure {
            endProgress()
            note(sentence(failure))
            throw ExitCode(failure.kind.rawValue >= 500 ? 1 : 2)
        } catch let exit as ExitCode {
            throw exit
        } catch let error as EngineError {
            endProgress()
            note(error.kind == .busy ? "the database is busy; try again" : error.message)
            throw ExitCode(1)
        } catch let error as CocoaError {
            endProgress()
            note(error.localizedDescription)
            throw ExitCode(1)
        }
    }

    /// `FILE:LINE:COLUMN: what is wrong`, as far as it is known.
    static func sentence(_ failure: Failure) -> String {
        let strings = Strings.of(language)
        var parts: [String] = []
        if failure.code != "levels.bad_file" {
            if let file = failure.arguments["file"] {
                let place = [failure.arguments["line"], failure.arguments["column"]].compactMap { $0 }
                parts.append(([file] + place).joined(separator: ":"))
            }
        }
        if failure.fields.isEmpty {
            parts.append(strings("error." + failure.code, failure.arguments))
        } else {
            parts += failure.fields.map { "\($0.field): " + strings("error." + $0.code, $0.arguments) }
        }
        return parts.joined(separator: ": ").split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// A file of JSON; what is wrong with it is named by line and column.
    static func json(file path: String) throws -> JSON {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.notFound, "file.unreadable", ["file": path])
        }
        do {
            return try JSON.parse(data)
        } catch let failure as Failure {
            let offset = failure.arguments["offset"].flatMap { Int($0) } ?? 0
            let before = data.prefix(offset)
            let line = before.count { $0 == 0x0A } + 1
            let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? before.startIndex
            throw Failure(
                .malformed, "file.not_json",
                [
                    "file": path, "line": String(line), "column": String(before.endIndex - start + 1),
                    "reason": Strings.of(language)("error." + failure.code, failure.arguments),
                ])
        }
    }

    /// A file that is written beside its place and put there when it is whole.
    static func writing(_ path: String, replaces: Bool = true, _ body: (String) async throws -> Void)
        async throws
    {
        let manager = FileManager.default
        if !replaces, manager.fileExists(atPath: path) {
            throw Failure(.conflict, "file.exists", ["file": path])
        }
        let part = path + ".part"
        defer { try? manager.removeItem(atPath: part) }
        guard !manager.fileExists(atPath: part) || (try? manager.removeItem(atPath: part)) != nil,
            manager.createFile(atPath: part, contents: nil)
        else { throw Failure(.invalid, "file.unwritable", ["file": path]) }
        try await body(part)
        // On the disk before it gets its name: a whole file or none.
        let file = open(part, O_RDONLY)
        if file >= 0 {
            fsync(file)
            close(file)
        }
        guard rename(part, path) == 0 else {
            throw Failure(.internal, "file.unwritable", ["file": path])
        }
    }
}
