namespace MLNetRecExt;

/// <summary>The folders that a silo opens for jobs.</summary>
internal sealed class Roots(WorkerOptions options)
{
    private readonly string[] _roots = [.. options.Roots.Select(Path.GetFullPath)];

    /// <summary>Where jobs keep their state.</summary>
    public string First => _roots[0];

    /// <summary>Where a path leads.</summary>
    /// <returns>The path, without links.</returns>
    /// <exception cref="UnauthorizedAccessException">It leads out of the roots.</exception>
    public string Resolve(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0') || !Path.IsPathFullyQualified(path))
            throw Outside(path);
        var target = WithoutLinks(Path.GetFullPath(path));
        return _roots.Any(root => IsUnder(target, WithoutLinks(root))) ? target : throw Outside(path);
    }

    private static bool IsUnder(string path, string root) =>
        path == root || path.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Follows the links of each folder on the way; what is not there yet has none.</summary>
    private static string WithoutLinks(string path)
    {
        const int MostLinks = 40;
        var resolved = Path.GetPathRoot(path)!;
        var rest = new Stack<string>(Parts(path).Reverse());
        for (int links = 0; rest.TryPop(out var part);)
        {
            var next = Path.GetFullPath(Path.Combine(resolved, part));
            if (new FileInfo(next).LinkTarget is not { } link)
            {
                resolved = next;
                continue;
            }
            if (++links > MostLinks)
                throw new UnauthorizedAccessException($"{path} has too many links.");
            var target = Path.GetFullPath(Path.Combine(resolved, link));
            foreach (var targetPart in Parts(target).Reverse())
                rest.Push(targetPart);
            resolved = Path.GetPathRoot(target)!;
        }
        return resolved;

        static string[] Parts(string full) =>
            full[Path.GetPathRoot(full)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
    }

    private UnauthorizedAccessException Outside(string path) => new(
        $"'{path}' is not under the folders that this silo opens, {string.Join(", ", _roots)}: "
        + $"name one that is, or add it to {nameof(WorkerOptions.Roots)}.");
}
