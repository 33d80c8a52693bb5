using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MLNetRecExt.Tests.Onnx;

/// <summary>A model exported to a temporary file and loaded by ONNX Runtime.</summary>
internal sealed class OnnxFile : IDisposable
{
    private readonly Lazy<InferenceSession> _session;

    public OnnxFile(FactorModel model, OnnxForm form, OnnxExportOptions? options = null)
    {
        model.SaveAsOnnx(Path, form, options);
        _session = new(() => new InferenceSession(Path));
    }

    public string Path { get; } = System.IO.Path.GetTempFileName();

    public InferenceSession Session => _session.Value;

    public void Dispose()
    {
        if (_session.IsValueCreated)
            Session.Dispose();
        File.Delete(Path);
    }

    /// <summary>Runs the graph on columns of rows. Rows of an output.</summary>
    public Dictionary<string, Array[]> Run(params (string Name, Array[] Rows)[] inputs)
    {
        using var results = Session.Run([.. inputs.Select(input => ToTensor(input.Name, input.Rows))]);
        return results.ToDictionary(result => result.Name, result => result.Value switch
        {
            DenseTensor<float> values => Rows(values),
            DenseTensor<long> values => Rows(values),
            var values => Rows((DenseTensor<string>)values),
        });
    }

    public float[][] Embeddings(params (string Name, Array[] Rows)[] inputs) => [.. Run(inputs)["Embedding"].Cast<float[]>()];

    /// <summary>Shorter rows are filled up with what is no id, or with 1.</summary>
    private static NamedOnnxValue ToTensor(string name, Array[] rows)
    {
        return rows[0] switch
        {
            float[] => Of(1f),
            long[] => Of(0L),
            _ => Of(""),
        };

        NamedOnnxValue Of<T>(T filler)
        {
            var length = rows.Max(row => row.Length);
            T[] values = [.. rows.SelectMany(row => row.Cast<T>().Concat(Enumerable.Repeat(filler, length - row.Length)))];
            return NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, [rows.Length, length]));
        }
    }

    private static Array[] Rows<T>(DenseTensor<T> tensor) => [.. tensor.Buffer.ToArray().Chunk(Math.Max(1, tensor.Dimensions[1]))];
}
