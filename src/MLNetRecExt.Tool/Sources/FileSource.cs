namespace MLNetRecExt.Tool.Sources;

/// <summary>A delimited text file.</summary>
internal sealed class FileSource(DataConfiguration data, string path) : InteractionSource(data)
{
    public override string Name => path;

    public override Task<InteractionFileOptions> InferAsync(CancellationToken cancellation) =>
        Task.FromResult(InteractionFileOptions.Infer(path, Hints));

    public override string[] NotRead(InteractionFileOptions found)
    {
        if (!found.HasHeader)
            return [];
        var (names, read) = (File.ReadLines(path).First().Split(found.Separator), found.Columns);
        return [.. names.Select(name => name.Trim().Trim('"')).Except([read.User, read.Item, read.Label, read.Weight, read.Timestamp])!];
    }

    public override async Task<Interactions> ReadAsync(int? threads, CancellationToken cancellation)
    {
        var found = await InferAsync(cancellation);
        // A label that the configuration does not name is not read, whatever the file has.
        var file = found with { RelevantFrom = Data.RelevantFrom, Columns = found.Columns with { Label = Data.Label } };
        return Catalog.ReadInteractions(path, file, new() { NumberOfThreads = threads, CancellationToken = cancellation });
    }
}
