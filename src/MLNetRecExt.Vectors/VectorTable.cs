using Microsoft.ML.Data;
using Parquet;
using Parquet.Schema;

namespace MLNetRecExt;

/// <summary>Writes ids with their vectors as Parquet, a group of rows at a time.</summary>
/// <param name="ids">All ids.</param>
/// <param name="rows">Indices of those to write.</param>
/// <param name="dimensions">Numbers in a vector.</param>
/// <param name="fill">Writes the vector of an index, and gives the length of its embedding.</param>
internal sealed class VectorTable(IdMap ids, int[] rows, int dimensions, Func<int, Span<float>, float> fill)
{
    // Numbers in a group of rows: 16 MB.
    private const int GroupSize = 1 << 22;

    private readonly DataField _id = IsWhole(ids) ? new DataField<long>("id") : new DataField<string>("id", nullable: false);
    private readonly DataField _element = new DataField<float>(ListField.ElementName);
    private readonly DataField _norm = new DataField<float>("norm");

    public async Task WriteAsync(
        Stream stream, IReadOnlyDictionary<string, string> metadata, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var schema = new ParquetSchema(_id, new ListField("vector", _element), _norm);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        writer.CustomMetadata = metadata;
        var done = 0;
        foreach (var part in rows.Chunk(Math.Max(1, GroupSize / dimensions)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await WriteGroupAsync(writer, part, cancellationToken).ConfigureAwait(false);
            progress?.Report(done += part.Length);
        }
    }

    private async Task WriteGroupAsync(ParquetWriter writer, int[] part, CancellationToken cancellationToken)
    {
        var (vectors, norms) = (new float[part.Length * dimensions], new float[part.Length]);
        for (int row = 0; row < part.Length; row++)
            norms[row] = fill(part[row], vectors.AsSpan(row * dimensions, dimensions));
        // A list begins at 0, and goes on at 1; no number is missing.
        var (repetition, definition) = (new int[vectors.Length], new int[vectors.Length]);
        for (int number = 0; number < repetition.Length; number++)
            repetition[number] = number % dimensions == 0 ? 0 : 1;
        Array.Fill(definition, _element.MaxDefinitionLevel);

        using var group = writer.CreateRowGroup();
        if (IsWhole(ids))
        {
            var numbers = Array.ConvertAll(part, index => ids.Integers?[index] ?? index + 1L);
            await group.WriteAsync<long>(_id, numbers, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        else
            await group.WriteAsync(_id, Array.ConvertAll(part, ids.GetText)).ConfigureAwait(false);
        await group.WriteAllPartsAsync<float>(_element, vectors, definition, repetition, cancellationToken).ConfigureAwait(false);
        await group.WriteAsync<float>(_norm, norms, cancellationToken: cancellationToken).ConfigureAwait(false);
        group.CompleteValidate();
    }

    /// <summary>Whether ids are integers that an int64 holds; keys without values are. All others are written as their text.</summary>
    private static bool IsWhole(IdMap ids) => ids.Kind is null or DataKind.SByte or DataKind.Byte or DataKind.Int16 or DataKind.UInt16
        or DataKind.Int32 or DataKind.UInt32 or DataKind.Int64;
}
