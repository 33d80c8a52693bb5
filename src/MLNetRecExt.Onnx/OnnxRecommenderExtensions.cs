using MLNetRecExt;
using MLNetRecExt.Persistence;

namespace Microsoft.ML;

/// <summary>What MLNetRecExt.Onnx adds to models and to the catalog of transforms.</summary>
public static class OnnxRecommenderExtensions
{
    /// <summary>Writes a model as an ONNX graph (opset 17, IR version 8), for ONNX Runtime in any language, <c>ApplyOnnxModel</c> and
    /// <see cref="ApplyOnnxRecommender"/>.</summary>
    /// <remarks>
    /// <para>The metadata of the file names the form, the inputs and outputs, the version and the training; its last entry is a checksum
    /// of all before it.</para>
    /// <para>A history is folded in as by <see cref="RecommenderModel.TopItems(RecommenderQuery, int, TopItemsOptions?)"/>: an unknown
    /// item is left out, and of several places of one item the last counts. Least squares are solved by conjugate gradients in double, to
    /// a residual of 10⁻¹² or for 4·K + 20 steps.</para>
    /// <para>Side features of known users and items are in their embeddings. Beside a history, features that users had in training are
    /// inputs under their names: categories are rows of text, or of Int64 where they were keys of integers (the integer; of keys without
    /// values the 1-based key) or Boolean (0 or 1); numbers are rows of as many Single as in training, of dates the days since the year
    /// 1, and are standardised by the graph. Unknown categories, the empty text and NaN are missing, and any of a row's categories may
    /// be. The metadata
    /// <c>mlnetrecext.feature.</c> with a feature's name says what no category is.</para>
    /// <para>A file has at most 2 GB: 5 million users and items of rank 100. A whole retrieval multiplies each query with all items,
    /// without the pruning of
    /// <see cref="RecommenderModel.TopItems(RecommenderQuery, int, TopItemsOptions?)"/>; for more than about a million items export
    /// embeddings and search them elsewhere.</para>
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="path">Where to; the folder must exist. A file of that name is replaced when the new one is complete.</param>
    /// <param name="form">What the graph takes and gives.</param>
    /// <param name="options">Names, and what lists hold; null for the defaults.</param>
    /// <exception cref="ArgumentException">A name is missing or given twice, or an option is out of its range.</exception>
    /// <exception cref="NotSupportedException">A history is to be folded in and the model cannot, or does it by random steps; or the file
    /// would be too large.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <example><code>
    /// model.SaveAsOnnx("lists.onnx", OnnxForm.TopItemsForHistory, new OnnxExportOptions { NumberOfItems = 20 });
    /// </code></example>
    public static void SaveAsOnnx(
        this FactorModel model, string path, OnnxForm form = OnnxForm.TopItemsForUser, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new OnnxExportOptions();
        options.Validate();
        options.CheckNames(
            form is OnnxForm.HistoryEmbedding or OnnxForm.TopItemsForHistory && model is SoftmaxDnnModel dnn ? dnn.UserFeatureNames : []);
        var onnx = OnnxExport.ToOnnx(model, form, options);
        CompleteFile.Write(path, stream => OnnxChecksum.Write(onnx, stream));
    }

    /// <inheritdoc cref="OnnxRecommenderEstimator"/>
    /// <param name="transforms">The catalog.</param>
    /// <param name="path">A file of <see cref="SaveAsOnnx"/>; it is read again when a pipeline is saved.</param>
    /// <param name="batchSize">Rows that a cursor reads ahead and answers at once; in [1, 65536]. The answers do not depend on it.</param>
    /// <param name="numberOfThreads">Threads of a batch, in [1, 1024]; null: all cores.</param>
    /// <returns>An estimator to append to a pipeline. Its <c>Fit</c> trains nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    /// <exception cref="InvalidDataException">The file was not written by <see cref="SaveAsOnnx"/>, is damaged, or has changed since; or
    /// is of a newer version.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static OnnxRecommenderEstimator ApplyOnnxRecommender(
        this RecommenderTransformsCatalog transforms, string path, int batchSize = 64, int? numberOfThreads = null)
    {
        ArgumentNullException.ThrowIfNull(transforms);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(new OnnxRecommenderTransformer(path, batchSize, numberOfThreads));
    }
}
