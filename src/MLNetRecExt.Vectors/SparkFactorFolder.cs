using Microsoft.ML.Data;
using MLNetRecExt.Kernels;
using Parquet;
using Parquet.Schema;

namespace MLNetRecExt;

/// <summary>The factors of users or items in the part files of a folder, as Spark writes a table with the columns <c>id</c> and
/// <c>features</c>.</summary>
internal sealed class SparkFactorFolder
{
    private const string Id = "id", Features = "features";
    private const int MaxRank = 1024;

    private readonly HashSet<long> _seen = [];
    private readonly List<long> _ids = [];

    // The numbers of each group of rows.
    private readonly List<float[]> _parts = [];
    private bool _isLong;
    private int _rank;

    private SparkFactorFolder()
    {
    }

    /// <inheritdoc cref="SparkFactorsExtensions.ReadSparkFactorsAsync" path="/exception"/>
    public static async Task<(IdMap Ids, AlignedMatrix Factors)> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException(
                $"There is no folder '{path}'. Give the folders userFactors and itemFactors that model.save(path) wrote in Spark.");
        // Spark's own files, such as _SUCCESS and checksums, begin with these.
        string[] files = [.. Directory.EnumerateFiles(path, "*.parquet")
            .Where(file => Path.GetFileName(file)[0] is not ('_' or '.')).Order(StringComparer.Ordinal)];
        if (files.Length == 0)
            throw new FileNotFoundException($"There is no Parquet file in '{path}'. Give a folder that Spark has finished writing.", path);
        var folder = new SparkFactorFolder();
        foreach (var file in files)
            await folder.ReadFileAsync(file, cancellationToken).ConfigureAwait(false);
        return folder.Finish(path);
    }

    private async Task ReadFileAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await ParquetReader.CreateAsync(file, cancellationToken: cancellationToken).ConfigureAwait(false);
            var id = Find(reader.Schema, file, Id, "int or bigint", field => field.MaxRepetitionLevel == 0
                && (field.ClrType == typeof(int) || field.ClrType == typeof(long)));
            var features = Find(reader.Schema, file, Features, "array of float", field => field.MaxRepetitionLevel == 1
                && field.ClrType == typeof(float));
            foreach (var group in reader.RowGroups)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await ReadGroupAsync(group, file, id, features, cancellationToken).ConfigureAwait(false);
            }
        }
        // Whatever a reader makes of bytes that are no Parquet.
        catch (Exception e) when (e is not (InvalidDataException or OperationCanceledException or UnauthorizedAccessException))
        {
            throw new InvalidDataException(
                $"'{file}' is no Parquet file, or is damaged: {e.Message} Copy it again from where Spark wrote it.", e);
        }
    }

    private static DataField Find(ParquetSchema schema, string file, string name, string type, Func<DataField, bool> fits)
    {
        DataField[] found = [.. schema.DataFields.Where(field => field.Path.FirstPart == name)];
        return found is [var field] && fits(field) ? field : throw new InvalidDataException(found.Length == 0
            ? $"'{file}' has no column '{name}' ({type}); it has {string.Join(", ", schema.Fields.Select(other => $"'{other.Name}'"))}. "
                + "Give folders of factors, as Spark's ALS writes them."
            : $"The column '{name}' of '{file}' is {string.Join(", ", found.Select(part => $"{part.Path} of {part.ClrType.Name}"))}; "
                + $"{type} is needed. Cast it in Spark.");
    }

    private async Task ReadGroupAsync(
        ParquetRowGroupReader group, string file, DataField id, DataField features, CancellationToken cancellationToken)
    {
        var rows = checked((int)group.RowCount);
        _isLong |= id.ClrType == typeof(long);
        long[] ids = id.ClrType == typeof(long)
            ? await ReadIdsAsync<long>(group, file, id, rows, cancellationToken).ConfigureAwait(false)
            : [.. await ReadIdsAsync<int>(group, file, id, rows, cancellationToken).ConfigureAwait(false)];
        foreach (var value in ids)
            if (!_seen.Add(value))
                throw new InvalidDataException(
                    $"The id {value} occurs twice, at last in '{file}'. Give a folder with the factors of one model.");

        var count = checked((int)(group.GetMetadata(features)?.MetaData?.NumValues ?? 0));
        var (values, definition, repetition) = (new float[count], new int[count], new int[count]);
        await group.ReadRawAsync(features, values.AsMemory(), definition, repetition, cancellationToken).ConfigureAwait(false);
        if (count > 0 && _rank == 0)
            _rank = Array.FindIndex(repetition, 1, level => level == 0) is var end and > 0 ? end : count;
        Check(ids, values, definition, repetition, file, features.MaxDefinitionLevel);
        _ids.AddRange(ids);
        _parts.Add(values);
    }

    private static async Task<T[]> ReadIdsAsync<T>(
        ParquetRowGroupReader group, string file, DataField id, int rows, CancellationToken cancellationToken)
        where T : struct
    {
        var values = new T[rows];
        // A null here would become an empty Memory.
        var definition = id.MaxDefinitionLevel > 0 ? new int[rows] : default(Memory<int>?);
        await group.ReadRawAsync(id, values.AsMemory(), definition, null, cancellationToken).ConfigureAwait(false);
        return definition is null || !definition.Value.Span.ContainsAnyExcept(id.MaxDefinitionLevel) ? values
            : throw new InvalidDataException($"A row of '{file}' has no id. Leave it out in Spark.");
    }

    /// <summary>Sees to it that there is a list of <see cref="_rank"/> finite numbers for each id.</summary>
    private void Check(long[] ids, float[] values, int[] definition, int[] repetition, string file, int present)
    {
        var (row, start) = (-1, 0);
        for (int place = 0; place <= repetition.Length; place++)
        {
            if (place < repetition.Length && repetition[place] > 0)
                continue;
            if (row >= 0 && place - start != _rank)
                throw Wrong(row, $"have {place - start} numbers, and those before it {_rank}. All must be of one length");
            (row, start) = (row + 1, place);
            if (place < repetition.Length && definition[place] < present)
                throw Wrong(row, "are missing");
        }
        if (row != ids.Length || values.Length != row * _rank)
            throw new InvalidDataException($"'{file}' has {ids.Length} ids and {row} lists of features, or is damaged. Copy it again.");
        if (Array.Exists(definition, level => level < present))
            throw Wrong(Array.FindIndex(definition, level => level < present) / _rank, "hold a null");
        if (Array.FindIndex(values, value => !float.IsFinite(value)) is var wrong and >= 0)
            throw Wrong(wrong / _rank, FormattableString.Invariant($"hold {values[wrong]}"));

        InvalidDataException Wrong(int index, string what) => new(
            $"The features of id {(index < ids.Length ? ids[index] : "?")} in '{file}' {what}: finite numbers are needed. "
            + "Train again, or leave the row out.");
    }

    private (IdMap Ids, AlignedMatrix Factors) Finish(string path)
    {
        if (_ids.Count == 0 || _rank is 0 or > MaxRank)
            throw new InvalidDataException(
                $"'{path}' has {_ids.Count} rows with {_rank} numbers each; at least one row, of 1 to {MaxRank} numbers, is needed.");
        var factors = new AlignedMatrix(_ids.Count, _rank);
        var row = 0;
        foreach (var part in _parts)
            for (int start = 0; start < part.Length; start += _rank)
                part.AsSpan(start, _rank).CopyTo(factors[row++]);
        return (IdMap.FromIntegers([.. _ids], _isLong ? DataKind.Int64 : DataKind.Int32), factors);
    }
}
